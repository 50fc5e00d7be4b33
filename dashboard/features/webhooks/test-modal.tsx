import { Button, Group, Modal, Select, Skeleton, Stack, Text } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { List } from '../../../collector/contract/answers.ts';
import type { Delivery, StoredEndpoint, TestResult } from '../../../collector/contract/webhooks.ts';
import { queryString, request } from '../../api/client.ts';
import { casesQuery, endpointsQuery } from '../../api/queries.ts';
import { formatInstant } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { personName } from '../leaks/data.ts';
import { AttemptLine } from './attempt-line.tsx';
import { Body } from './body.tsx';
import { prettyBody } from './data.ts';
import classes from './webhooks.module.css';

/** Sends a test at once, with the newest case where there is one, and shows what was sent and what came back. */
export function TestModal({
  endpoint,
  result,
  onClose,
}: {
  endpoint: StoredEndpoint | null;
  result: TestResult | null;
  onClose: () => void;
}) {
  return endpoint && result ? <Tested key={endpoint.id} endpoint={endpoint} first={result} onClose={onClose} /> : null;
}

function Tested({ endpoint, first, onClose }: { endpoint: StoredEndpoint; first: TestResult; onClose: () => void }) {
  const site = useSite();
  const queryClient = useQueryClient();
  const [result, setResult] = useState(first);
  const [data, setData] = useState(first.caseId ?? 'sample');
  const cases = useInfiniteQuery(casesQuery(site.id, { reached: 'abandoned' }));
  const again = useMutation({
    mutationFn: () =>
      request<TestResult>('POST', `/sites/${site.id}/endpoints/${endpoint.id}/test`, {
        body: data === 'sample' ? {} : { case: data },
      }),
    onSuccess: async (next) => {
      setResult(next);
      await queryClient.invalidateQueries({ queryKey: endpointsQuery(site.id).queryKey });
      await queryClient.invalidateQueries({ queryKey: ['deliveries', site.id] });
    },
  });
  // The test is a delivery like any other, and holds the body that was sent.
  const sent = useQuery({
    queryKey: ['test-sent', site.id, result.id],
    queryFn: ({ signal }) =>
      request<List<Delivery>>(
        'GET',
        `/sites/${site.id}/deliveries${queryString({ endpoint: endpoint.id, type: 'webhook.test', limit: 5 })}`,
        { signal },
      ),
  });
  const body = (sent.data?.items.find((one) => one.id === result.id) ?? sent.data?.items[0])?.body;
  const known = cases.data?.pages.flatMap((page) => page.items) ?? [];
  const worked = result.error === null;
  return (
    <Modal opened onClose={onClose} size={640} title={worked ? 'The test arrived' : 'The test did not arrive'}>
      <Stack gap="md">
        {again.isError ? <ErrorState error={again.error} /> : null}
        <AttemptLine attempt={result} timezone={site.timezone} open />
        <Group gap="sm" align="flex-end">
          <Select
            className={classes.grow}
            label="Data"
            description="A test with a real person's case is marked as a test all the same."
            data={[
              { value: 'sample', label: 'Made-up sample' },
              ...known.map((one) => ({
                value: one.id,
                label: `${personName(one)}, ${one.rule}, ${formatInstant(one.occurredAt, site.timezone)}`,
              })),
            ]}
            searchable
            value={data}
            allowDeselect={false}
            onChange={(next) => setData(next ?? 'sample')}
          />
          <Button variant="default" loading={again.isPending} onClick={() => again.mutate()}>
            Send again
          </Button>
        </Group>
        <div>
          <Text size="sm" fw={550} mb={4}>
            Sent to {endpoint.url}
          </Text>
          {body ? <Body>{prettyBody(body)}</Body> : sent.isPending ? <Skeleton height={160} /> : null}
        </div>
      </Stack>
    </Modal>
  );
}
