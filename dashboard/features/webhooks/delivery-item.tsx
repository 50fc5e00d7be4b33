import { Button, Group, Text, Title } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Delivery } from '../../../collector/contract/webhooks.ts';
import { request } from '../../api/client.ts';
import { formatInstant, formatRelative, plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { notifyFailed, notifySaved } from '../../ui/notify.tsx';
import { AttemptLine } from './attempt-line.tsx';
import { Body } from './body.tsx';
import { deliveryStateHelp, deliveryStateNames, lastAnswer, prettyBody } from './data.ts';
import classes from './webhooks.module.css';

/** One message: its state, and opened its request, answers and timing. */
export function DeliveryItem({ delivery, timezone }: { delivery: Delivery; timezone: string }) {
  const site = useSite();
  const queryClient = useQueryClient();
  const replay = useMutation({
    mutationFn: () => request('POST', `/sites/${site.id}/deliveries/${delivery.id}/replay`),
    onSuccess: async () => {
      notifySaved('On its way again, with the same id.');
      await queryClient.invalidateQueries({ queryKey: ['deliveries', site.id] });
      await queryClient.invalidateQueries({ queryKey: ['case', site.id] });
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
              {delivery.note ?? deliveryStateHelp[delivery.state]} Id {delivery.id}.
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
            <Body>{prettyBody(delivery.body)}</Body>
          </div>
        </div>
      </details>
    </li>
  );
}
