import { Button, Group, SegmentedControl, Select, Skeleton, Stack, Text } from '@mantine/core';
import { IconRepeat } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { WebhookEvent } from '../../../collector/contract/names.ts';
import { deliveriesQuery, endpointsQuery } from '../../api/queries.ts';
import { formatCount, plural } from '../../format.ts';
import type { WebhooksSearch } from '../../router.tsx';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { deliveryFilterNames, deliveryFilters, deliveryStateHelp, webhookEventNames } from './data.ts';
import { DeliveryItem } from './delivery-item.tsx';
import { ReplayModal } from './replay-modal.tsx';
import classes from './webhooks.module.css';

const route = getRouteApi('/signed-in/sites/$site/webhooks');

/** Every message with its tries. */
export function Deliveries() {
  const site = useSite();
  const { state, endpoint, type } = route.useSearch();
  const navigate = route.useNavigate();
  const deliveries = useInfiniteQuery(deliveriesQuery(site.id, { state, endpoint, type }));
  const endpoints = useQuery(endpointsQuery(site.id));
  const [isReplaying, setReplaying] = useState(false);
  const items = deliveries.data?.pages.flatMap((page) => page.items) ?? [];
  const total = deliveries.data?.pages[0]?.total ?? 0;
  const show = (change: WebhooksSearch) =>
    void navigate({ search: (old) => ({ ...old, ...change }), resetScroll: false });
  return (
    <Stack gap="md">
      <Group gap="sm">
        <div className={classes.filter}>
          <SegmentedControl
            size="sm"
            aria-label="State"
            value={state === 'failed' ? 'dead' : (state ?? 'all')}
            data={[
              { value: 'all', label: 'All' },
              ...deliveryFilters.map((name) => ({ value: name, label: deliveryFilterNames[name] })),
            ]}
            onChange={(next) => show({ state: deliveryFilters.find((name) => name === next) })}
          />
        </div>
        <Select
          aria-label="Endpoint"
          placeholder="All endpoints"
          clearable
          w={200}
          clearButtonProps={{ 'aria-label': 'All endpoints' }}
          data={(endpoints.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
          value={endpoint ?? null}
          onChange={(next) => show({ endpoint: next ?? undefined })}
        />
        <Select
          aria-label="Message"
          placeholder="All messages"
          clearable
          w={200}
          clearButtonProps={{ 'aria-label': 'All messages' }}
          data={Object.entries(webhookEventNames).map(([value, label]) => ({ value, label }))}
          value={type ?? null}
          onChange={(next) => show({ type: (next ?? undefined) as WebhookEvent | undefined })}
        />
        {(endpoints.data?.items.length ?? 0) > 0 ? (
          <Button variant="default" leftSection={<IconRepeat size={16} />} onClick={() => setReplaying(true)}>
            Send several again
          </Button>
        ) : null}
      </Group>
      {state ? (
        <Text size="sm" c="dimmed">
          {deliveryStateHelp[state === 'dead' ? 'failed' : state]}
        </Text>
      ) : null}
      {deliveries.isError && !deliveries.data ? (
        <ErrorState error={deliveries.error} onRetry={() => void deliveries.refetch()} />
      ) : (
        <Panel flush>
          {!deliveries.data ? (
            <Stack p="lg">
              <Skeleton height={34} />
              <Skeleton height={34} />
              <Skeleton height={34} />
            </Stack>
          ) : items.length === 0 ? (
            <EmptyState
              title={state || endpoint || type ? 'No messages fit these choices' : 'Nothing has been sent yet'}
            >
              Messages appear here when a rule with a message finds somebody who stopped, or when you send a test.
            </EmptyState>
          ) : (
            <ul className={classes.list}>
              {items.map((one) => (
                <DeliveryItem key={one.id} delivery={one} timezone={site.timezone} />
              ))}
            </ul>
          )}
        </Panel>
      )}
      {deliveries.data && total > 0 ? (
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {items.length === total
              ? plural(total, 'message')
              : `${formatCount(items.length)} of ${plural(total, 'message')}`}
          </Text>
          {deliveries.hasNextPage ? (
            <Button
              variant="default"
              loading={deliveries.isFetchingNextPage}
              onClick={() => void deliveries.fetchNextPage()}
            >
              Show more
            </Button>
          ) : null}
        </Group>
      ) : null}
      <ReplayModal opened={isReplaying} endpoint={endpoint} onClose={() => setReplaying(false)} />
    </Stack>
  );
}
