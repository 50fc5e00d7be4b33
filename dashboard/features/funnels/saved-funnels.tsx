import { ActionIcon, Button, Group, Modal, Popover, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBookmark, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SavedFunnel } from '../../../collector/contract/manage.ts';
import { request } from '../../api/client.ts';
import { savedFunnelsQuery } from '../../api/queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { notifyFailed, notifySaved, notifyUndo } from '../../ui/notify.tsx';
import { type Exclusion, type Order, parseExclusions, parseSteps, type Step, type Unit } from './data.ts';

interface Definition {
  steps: Step[];
  window: string;
  by: Unit;
  order: Order;
  exclude?: Exclusion[];
}

/** What a saved funnel puts into the address; what it does not say is the default. */
interface Loaded {
  steps: Step[];
  window: string | undefined;
  by: 'session' | 'lead' | undefined;
  order: 'strict' | 'any' | undefined;
  exclude: Exclusion[] | undefined;
}

/** Funnels kept under a name. */
export function SavedFunnels({ definition, onLoad }: { definition: Definition; onLoad: (loaded: Loaded) => void }) {
  const site = useSite();
  const queryClient = useQueryClient();
  const saved = useQuery(savedFunnelsQuery(site.id));
  const [naming, nameModal] = useDisclosure(false);
  const [listOpen, list] = useDisclosure(false);
  const [name, setName] = useState('');
  const refresh = () => queryClient.invalidateQueries({ queryKey: savedFunnelsQuery(site.id).queryKey });
  const save = useMutation({
    mutationFn: (body: { name: string; definition: object }) => request('POST', `/sites/${site.id}/funnels`, { body }),
    onSuccess: async () => {
      nameModal.close();
      setName('');
      notifySaved('Funnel saved.');
      await refresh();
    },
    onError: notifyFailed,
  });
  const remove = useMutation({
    mutationFn: (funnel: SavedFunnel) => request('DELETE', `/sites/${site.id}/funnels/${funnel.id}`),
    onSuccess: async (_, funnel) => {
      notifyUndo(`“${funnel.name}” deleted.`, () => save.mutate({ name: funnel.name, definition: funnel.definition }));
      await refresh();
    },
    onError: notifyFailed,
  });
  const items = saved.data?.items ?? [];
  const load = (funnel: SavedFunnel) => {
    const { window, by, order } = funnel.definition;
    onLoad({
      steps: parseSteps(funnel.definition.steps) ?? [],
      window: typeof window === 'string' ? window : undefined,
      by: by === 'session' || by === 'lead' ? by : undefined,
      order: order === 'strict' || order === 'any' ? order : undefined,
      exclude: parseExclusions(funnel.definition.exclude),
    });
    list.close();
  };
  return (
    <>
      <Popover
        position="bottom-end"
        opened={listOpen}
        onChange={(open) => (open ? list.open() : list.close())}
        trapFocus
        returnFocus
      >
        <Popover.Target>
          <Button variant="default" leftSection={<IconBookmark size={16} stroke={1.6} />} onClick={list.toggle}>
            Saved{items.length > 0 ? ` (${items.length})` : ''}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="Saved funnels" p="xs">
          <Stack gap={4} miw={240}>
            <Text size="xs" c="dimmed" px="xs">
              {items.length === 0 ? 'No saved funnels yet' : 'Open'}
            </Text>
            {items.map((funnel) => (
              <Group key={funnel.id} gap={4} wrap="nowrap" justify="space-between">
                <Button size="compact-sm" variant="subtle" onClick={() => load(funnel)}>
                  {funnel.name}
                </Button>
                <ActionIcon aria-label={`Delete the funnel ${funnel.name}`} onClick={() => remove.mutate(funnel)}>
                  <IconTrash size={15} />
                </ActionIcon>
              </Group>
            ))}
            <Button
              size="compact-sm"
              variant="default"
              disabled={definition.steps.length === 0}
              onClick={() => {
                list.close();
                nameModal.open();
              }}
            >
              Save this funnel…
            </Button>
          </Stack>
        </Popover.Dropdown>
      </Popover>
      <Modal opened={naming} onClose={nameModal.close} title="Save this funnel">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate({ name: name.trim(), definition });
          }}
        >
          <Stack gap="md">
            <TextInput
              label="Name"
              placeholder="Pricing to booking"
              maxLength={120}
              value={name}
              data-autofocus
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button type="submit" disabled={name.trim() === ''} loading={save.isPending}>
                Save
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
