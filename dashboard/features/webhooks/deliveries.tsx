import { Button, Group, SegmentedControl, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { DeliveryState } from '../../../collector/contract/names.ts';
import type { Delivery } from '../../../collector/contract/webhooks.ts';
import { request } from '../../api/client.ts';
import { deliveriesQuery } from '../../api/queries.ts';
import { formatCount, formatInstant, formatRelative, plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { notifyFailed, notifySaved } from '../../ui/notify.tsx';
import { Panel } from '../../ui/panel.tsx';
import { AttemptLine } from './attempt-line.tsx';
import { deliveryStateHelp, deliveryStateNames, lastAnswer, prettyBody } from './data.ts';
import classes from './webhooks.module.css';

const route = getRouteApi('/signed-in/sites/$site/webhooks');

/** Every message with its tries. */
export function Deliveries() {
  const site = useSite();
  const { state } = route.useSearch();
  const navigate = route.useNavigate();
  const deliveries = useInfiniteQuery(deliveriesQuery(site.id, state));
  const items = deliveries.data?.pages.flatMap((page) => page.items) ?? [];
  const total = deliveries.data?.pages[0]?.total ?? 0;
  const known = Object.keys(deliveryStateNames) as DeliveryState[];
  return (
    <Stack gap="md">
      <Group gap="md">
        <div className={classes.filter}>
          <SegmentedControl
            size="sm"
            aria-label="State"
            value={state ?? 'all'}
            data={[
              { value: 'all', label: 'All' },
              ...known.map((name) => ({ value: name, label: deliveryStateNames[name] })),
            ]}
            onChange={(next) =>
              void navigate({
                search: (old) => ({ ...old, state: known.find((name) => name === next) }),
                resetScroll: false,
              })
            }
          />
        </div>
        {state ? (
          <Text size="sm" c="dimmed">
            {deliveryStateHelp[state]}
          </Text>
        ) : null}
      </Group>
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
              title={state ? `Nothing ${deliveryStateNames[state].toLowerCase()}` : 'Nothing has been sent yet'}
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
    </Stack>
  );
}

function DeliveryItem({ delivery, timezone }: { delivery: Delivery; timezone: string }) {
  const site = useSite();
  const queryClient = useQueryClient();
  const replay = useMutation({
    mutationFn: () => request('POST', `/sites/${site.id}/deliveries/${delivery.id}/replay`),
    onSuccess: async () => {
      notifySaved('On its way again, with the same id.');
      await queryClient.invalidateQueries({ queryKey: ['deliveries', site.id] });
    },
    onError: notifyFailed,
  });
  return (
    <li>
      <details className={classes.delivery}>
        <summary>
          <IconChevronRight size={16} stroke={1.8} className={classes.chevron} aria-hidden="true" />
          <span className={classes.deliveryState} data-state={delivery.state}>
            {deliveryStateNames[delivery.state]}
          </span>
          <span className={classes.deliveryWhat}>
            <b>{delivery.type}</b> to {delivery.endpoint}
          </span>
          <span className={classes.deliveryWhen}>
            {lastAnswer(delivery)} · {formatRelative(delivery.createdAt, Date.now())}
          </span>
        </summary>
        <div className={classes.deliveryBody}>
          <Group justify="space-between" align="flex-start">
            <Text size="sm" c="dimmed">
              {deliveryStateHelp[delivery.state]} Id {delivery.id}.
              {delivery.state === 'pending' && delivery.nextAttemptAt
                ? ` Next try ${formatInstant(delivery.nextAttemptAt, timezone)}.`
                : ''}
            </Text>
            {delivery.state === 'pending' ? null : (
              <Button size="xs" variant="default" loading={replay.isPending} onClick={() => replay.mutate()}>
                Replay
              </Button>
            )}
          </Group>
          <div>
            <Title order={3} mb={6}>
              {plural(delivery.attempts.length, 'attempt')}
            </Title>
            {delivery.attempts.map((attempt) => (
              <AttemptLine key={attempt.at} attempt={attempt} timezone={timezone} />
            ))}
          </div>
          <div>
            <Title order={3} mb={6}>
              Message
            </Title>
            <pre className={classes.body}>{prettyBody(delivery.body)}</pre>
          </div>
        </div>
      </details>
    </li>
  );
}
