import { Anchor, Button, Popover, Select, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconSend } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { FunnelSendAnswer } from '../../../collector/contract/funnel.ts';
import { request } from '../../api/client.ts';
import { endpointsQuery, type FunnelQuestion } from '../../api/queries.ts';
import { plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { notifyFailed, notifySaved } from '../../ui/notify.tsx';
import type { Unit } from './data.ts';

/** Sends everybody who left after a step to an endpoint of the person's choice. */
export function SendPeople({
  question,
  step,
  count,
  unit,
}: {
  question: FunnelQuestion;
  step: number;
  count: number;
  unit: Unit;
}) {
  const [opened, popover] = useDisclosure(false);
  return (
    <Popover
      opened={opened}
      onChange={(open) => !open && popover.close()}
      position="bottom-start"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <Button
          size="compact-sm"
          variant="light"
          leftSection={<IconSend size={15} />}
          disabled={count === 0}
          onClick={popover.toggle}
        >
          Send to webhook
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Send to webhook">
        <Chosen question={question} step={step} who={plural(count, unit)} onDone={popover.close} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Chosen({
  question,
  step,
  who,
  onDone,
}: {
  question: FunnelQuestion;
  step: number;
  who: string;
  onDone: () => void;
}) {
  const site = useSite();
  const queryClient = useQueryClient();
  const endpoints = useQuery(endpointsQuery(site.id));
  const [chosen, setChosen] = useState<string | null>(null);
  const open = (endpoints.data?.items ?? []).filter(({ enabled, kind }) => enabled && kind !== 'mail');
  const endpoint = chosen ?? open[0]?.id;
  const send = useMutation({
    mutationFn: (body: object) => request<FunnelSendAnswer>('POST', `/sites/${site.id}/funnel/send`, { body }),
    onSuccess: async ({ people, messages }) => {
      onDone();
      notifySaved(
        `${plural(people, 'person', 'people')} on the way, in ${plural(messages, 'message')}. Webhooks → Deliveries shows what became of ${messages === 1 ? 'it' : 'them'}.`,
      );
      await queryClient.invalidateQueries({ queryKey: ['deliveries', site.id] });
    },
    onError: notifyFailed,
  });
  if (endpoints.isError && !endpoints.data)
    return <ErrorState error={endpoints.error} onRetry={() => void endpoints.refetch()} />;
  if (endpoints.data && open.length === 0)
    return (
      <Text size="sm" maw={280}>
        There is no endpoint that is on.{' '}
        <Anchor
          size="sm"
          renderRoot={(props) => <Link to="/sites/$site/webhooks" params={{ site: site.id }} {...props} />}
        >
          Add one
        </Anchor>{' '}
        first.
      </Text>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (endpoint) send.mutate({ ...question, step, outcome: 'dropped', endpoint });
      }}
    >
      <Stack gap="sm" w="min(17rem, calc(100vw - 5rem))">
        <Select
          label="Endpoint"
          data={open.map(({ id, name }) => ({ value: id, label: name }))}
          value={endpoint ?? null}
          allowDeselect={false}
          comboboxProps={{ withinPortal: false }}
          onChange={setChosen}
        />
        <Text size="xs" c="dimmed">
          {who} with what is known of each: name and e-mail of leads, last page, source, country, device.
        </Text>
        <Button type="submit" size="xs" loading={send.isPending} disabled={!endpoint}>
          Send {who}
        </Button>
      </Stack>
    </form>
  );
}
