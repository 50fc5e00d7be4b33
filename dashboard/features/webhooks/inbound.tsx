import { Badge, Button, Group, Skeleton, Stack, Table, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { List } from '../../../collector/contract/answers.ts';
import type { Inbound as Address, InboundPreset, NewInbound } from '../../../collector/contract/inbound.ts';
import { request } from '../../api/client.ts';
import { inboundQuery } from '../../api/lead-queries.ts';
import { formatRelative, plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ConfirmModal } from '../../ui/confirm-modal.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { notifyFailed, notifySaved } from '../../ui/notify.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SecretModal } from '../../ui/secret-modal.tsx';
import { Wide } from '../../ui/wide.tsx';
import { inboundNames } from './data.ts';

const presets = Object.keys(inboundNames) as InboundPreset[];

/** Addresses at which call trackers, calendars and mail tools tell of contact with leads. */
export function Inbound() {
  const site = useSite();
  const queryClient = useQueryClient();
  const { queryKey } = inboundQuery(site.id);
  const addresses = useQuery(inboundQuery(site.id));
  const [made, setMade] = useState<string | null>(null);
  const [asked, setAsked] = useState<{ preset: InboundPreset; action: 'renew' | 'close' } | null>(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey });
  const open = useMutation({
    mutationFn: (preset: InboundPreset) =>
      request<NewInbound>('POST', `/sites/${site.id}/inbound`, { body: { preset } }),
    onSuccess: async ({ url }) => {
      setAsked(null);
      setMade(url);
      await refresh();
    },
    onError: notifyFailed,
  });
  const close = useMutation({
    mutationFn: (preset: InboundPreset) => request('DELETE', `/sites/${site.id}/inbound/${preset}`),
    onSuccess: async (_, preset) => {
      setAsked(null);
      notifySaved(`${inboundNames[preset].name} is no longer listened to.`);
      await refresh();
    },
    onError: notifyFailed,
  });
  if (addresses.isError && !addresses.data)
    return <ErrorState error={addresses.error} onRetry={() => void addresses.refetch()} />;
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed" maw={640}>
        Calls, appointments and mails from your other tools become contacts in the timeline of a lead, steps of a funnel
        and points of the score. Paste the address into the tool, where it asks for a webhook.
      </Text>
      <Panel flush>
        {addresses.data ? (
          <Addresses
            addresses={addresses.data}
            opening={open.isPending ? open.variables : null}
            onOpen={(preset) => open.mutate(preset)}
            onAsk={setAsked}
          />
        ) : (
          <Skeleton height={220} />
        )}
      </Panel>
      <SecretModal secret={made} title="The address to paste" onClose={() => setMade(null)}>
        It is shown only now. Whoever knows it can add contacts to your leads, so treat it like a password.
      </SecretModal>
      <ConfirmModal
        opened={asked !== null}
        title={asked?.action === 'close' ? 'Stop listening?' : 'Make a new address?'}
        action={asked?.action === 'close' ? 'Stop' : 'Make a new one'}
        busy={open.isPending || close.isPending}
        onClose={() => setAsked(null)}
        onConfirm={() => asked && (asked.action === 'close' ? close : open).mutate(asked.preset)}
      >
        The address that the tool has now stops working at once. What it has told stays.
      </ConfirmModal>
    </Stack>
  );
}

function Addresses({
  addresses,
  opening,
  onOpen,
  onAsk,
}: {
  addresses: List<Address>;
  opening: InboundPreset | null;
  onOpen: (preset: InboundPreset) => void;
  onAsk: (asked: { preset: InboundPreset; action: 'renew' | 'close' }) => void;
}) {
  return (
    <Wide label="Tools that can tell of contacts">
      <Table verticalSpacing="sm" horizontalSpacing="lg">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Tool</Table.Th>
            <Table.Th>Heard</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {presets.map((preset) => {
            const { name, tells } = inboundNames[preset];
            const address = addresses.items.find((one) => one.preset === preset);
            return (
              <Table.Tr key={preset}>
                <Table.Td miw={220}>
                  <Text size="sm" fw={550}>
                    {name}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {tells}
                  </Text>
                </Table.Td>
                <Table.Td>{address ? <Heard address={address} /> : null}</Table.Td>
                <Table.Td>
                  <Group gap="xs" justify="flex-end" wrap="nowrap">
                    {address ? (
                      <>
                        <Button
                          size="xs"
                          variant="default"
                          aria-label={`New address for ${name}`}
                          onClick={() => onAsk({ preset, action: 'renew' })}
                        >
                          New address
                        </Button>
                        <Button
                          size="xs"
                          variant="default"
                          aria-label={`Stop listening to ${name}`}
                          onClick={() => onAsk({ preset, action: 'close' })}
                        >
                          Stop
                        </Button>
                      </>
                    ) : (
                      <Button
                        size="xs"
                        variant="default"
                        aria-label={`Make an address for ${name}`}
                        loading={opening === preset}
                        onClick={() => onOpen(preset)}
                      >
                        Make an address
                      </Button>
                    )}
                  </Group>
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function Heard({ address: { received, lastAt, lastProblem } }: { address: Address }) {
  if (lastProblem !== null)
    return (
      <>
        <Badge variant="light" color="orange.9" size="sm" tt="none">
          Not understood
        </Badge>
        <Text size="xs">{lastProblem}</Text>
      </>
    );
  if (lastAt === null) return <Text size="sm">Nothing yet</Text>;
  return (
    <Text size="sm">
      {plural(received, 'message')}, last {formatRelative(lastAt, Date.now())}
    </Text>
  );
}
