import { Modal, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { List } from '../../../collector/contract/answers.ts';
import type { Attempt, Delivery, StoredEndpoint } from '../../../collector/contract/webhooks.ts';
import { queryString, request } from '../../api/client.ts';
import { useSite } from '../../shell/use-site.ts';
import { AttemptLine } from './attempt-line.tsx';
import { prettyBody } from './data.ts';
import classes from './webhooks.module.css';

/** What a test sent, and what came back. */
export function TestModal({
  tested,
  onClose,
}: {
  tested: { endpoint: StoredEndpoint; attempt: Attempt } | null;
  onClose: () => void;
}) {
  const site = useSite();
  // The test is a delivery like any other; the newest of this endpoint holds the body that was sent.
  const sent = useQuery({
    queryKey: ['test-sent', site.id, tested?.endpoint.id, tested?.attempt.at],
    enabled: tested !== null,
    queryFn: ({ signal }) =>
      request<List<Delivery>>(
        'GET',
        `/sites/${site.id}/deliveries${queryString({ endpoint: tested?.endpoint.id, limit: 5 })}`,
        { signal },
      ),
  });
  const body = sent.data?.items.find((one) => one.type === 'webhook.test')?.body;
  const worked = tested?.attempt.error === null;
  return (
    <Modal
      opened={tested !== null}
      onClose={onClose}
      size={640}
      title={worked ? 'The test arrived' : 'The test did not arrive'}
    >
      {tested ? (
        <Stack gap="md">
          <AttemptLine attempt={tested.attempt} timezone={site.timezone} open />
          <div>
            <Text size="sm" fw={550} mb={4}>
              Sent to {tested.endpoint.url}
            </Text>
            {body ? (
              <pre className={classes.body}>{prettyBody(body)}</pre>
            ) : sent.isPending ? (
              <Skeleton height={160} />
            ) : null}
          </div>
        </Stack>
      ) : null}
    </Modal>
  );
}
