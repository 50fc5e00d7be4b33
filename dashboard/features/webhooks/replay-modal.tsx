import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReplayResult } from '../../../collector/contract/webhooks.ts';
import { request } from '../../api/client.ts';
import { endpointsQuery } from '../../api/queries.ts';
import { plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { FailedAttempt } from '../../ui/failed-attempt.tsx';
import { notifySaved } from '../../ui/notify.tsx';
import { addDays, dateIn } from '../range/data.ts';
import classes from './webhooks.module.css';

const states = [
  { value: 'dead', label: 'were given up' },
  { value: 'delivered', label: 'were delivered' },
  { value: 'cancelled', label: 'were taken back' },
];

/** Sends the messages of some days again, for example after a receiver was repaired. */
export function ReplayModal({
  opened,
  endpoint,
  onClose,
}: {
  opened: boolean;
  endpoint: string | undefined;
  onClose: () => void;
}) {
  return (
    <Modal opened={opened} onClose={onClose} title="Send several again">
      {opened ? <Form endpoint={endpoint} onClose={onClose} /> : null}
    </Modal>
  );
}

function Form({ endpoint, onClose }: { endpoint: string | undefined; onClose: () => void }) {
  const site = useSite();
  const queryClient = useQueryClient();
  const endpoints = useQuery(endpointsQuery(site.id));
  const options = (endpoints.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }));
  const today = dateIn(site.timezone, Date.now());
  const [chosen, setChosen] = useState(endpoint ?? null);
  const [from, setFrom] = useState(addDays(today, -6));
  const [to, setTo] = useState(today);
  const [status, setStatus] = useState('dead');
  const receiver = chosen ?? options[0]?.value ?? null;
  const isOrdered = from !== '' && to !== '' && from <= to;
  const replay = useMutation({
    mutationFn: () =>
      request<ReplayResult>('POST', `/sites/${site.id}/endpoints/${receiver}/replay`, {
        // The last day counts too, as people say it.
        body: { from, to: addDays(to, 1), status },
      }),
    onSuccess: async ({ replayed }) => {
      notifySaved(
        replayed === 0
          ? 'There is no such message in these days.'
          : `${plural(replayed, 'message is', 'messages are')} on the way again, with the same ids.`,
      );
      await queryClient.invalidateQueries({ queryKey: ['deliveries', site.id] });
      onClose();
    },
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isOrdered && receiver !== null) replay.mutate();
      }}
    >
      <Stack gap="md">
        <FailedAttempt of={replay} />
        <Text size="sm">Each keeps its id, so a receiver that has seen one already can leave it out.</Text>
        <Select label="To" data={options} value={receiver} allowDeselect={false} onChange={setChosen} data-autofocus />
        <Select
          label="All that"
          data={states}
          value={status}
          allowDeselect={false}
          onChange={(next) => setStatus(next ?? 'dead')}
        />
        <div className={classes.pair}>
          <TextInput
            type="date"
            label="From"
            value={from}
            max={today}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            type="date"
            label="to, that day included"
            value={to}
            max={today}
            error={isOrdered ? undefined : 'The last day is before the first.'}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
        </div>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={replay.isPending} disabled={receiver === null}>
            Send again
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
