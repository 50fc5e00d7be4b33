import { ActionIcon, Button, Group, Menu, Modal, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconTrash, IconUsersGroup } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { limits } from '../../../collector/contract/limits.ts';
import type { Segment, StoredSegment } from '../../../collector/contract/manage.ts';
import { request } from '../../api/client.ts';
import { segmentsQuery } from '../../api/queries.ts';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { notifyFailed, notifySaved, notifyUndo } from '../../ui/notify.tsx';
import { segmentOf } from './draft.ts';

/** Filters kept under a name. Choosing one puts its filters into the address, where every report reads them. */
export function Segments() {
  const site = useSite();
  const { filters, setFilters } = useQuestion();
  const queryClient = useQueryClient();
  const segments = useQuery(segmentsQuery(site.id));
  const [naming, nameModal] = useDisclosure(false);
  const [menuOpen, menu] = useDisclosure(false);
  const [name, setName] = useState('');
  const refresh = () => queryClient.invalidateQueries({ queryKey: segmentsQuery(site.id).queryKey });
  const save = useMutation({
    mutationFn: (body: Segment) => request<StoredSegment>('POST', `/sites/${site.id}/segments`, { body }),
    onSuccess: async (_, body) => {
      nameModal.close();
      setName('');
      notifySaved(`Segment “${body.name}” saved.`);
      await refresh();
    },
    onError: notifyFailed,
  });
  const remove = useMutation({
    mutationFn: (segment: StoredSegment) => request('DELETE', `/sites/${site.id}/segments/${segment.id}`),
    onSuccess: async (_, segment) => {
      notifyUndo(`“${segment.name}” deleted.`, () => save.mutate({ name: segment.name, filters: segment.filters }));
      await refresh();
    },
    onError: notifyFailed,
  });
  const items = segments.data?.items ?? [];
  const chosen = segmentOf(items, filters);
  return (
    <>
      <Menu position="bottom-start" opened={menuOpen} onChange={(open) => (open ? menu.open() : menu.close())}>
        <Menu.Target>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            leftSection={<IconUsersGroup size={15} stroke={1.6} />}
          >
            {chosen ? `Segment: ${chosen.name}` : 'Segments'}
          </Button>
        </Menu.Target>
        <Menu.Dropdown miw={240}>
          <Menu.Label>{items.length === 0 ? 'No saved segments yet' : 'Show only'}</Menu.Label>
          {items.map((segment) => (
            <Group key={segment.id} gap={4} wrap="nowrap">
              <Menu.Item onClick={() => setFilters(segment.filters)}>{segment.name}</Menu.Item>
              <ActionIcon aria-label={`Delete the segment ${segment.name}`} onClick={() => remove.mutate(segment)}>
                <IconTrash size={15} />
              </ActionIcon>
            </Group>
          ))}
          <Menu.Divider />
          <Menu.Item disabled={filters.length === 0 || chosen !== undefined} onClick={nameModal.open}>
            Save these filters…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={naming} onClose={nameModal.close} title="Save as a segment">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate({ name: name.trim(), filters });
          }}
        >
          <Stack gap="md">
            <TextInput
              label="Name"
              placeholder="Phones from Austria"
              maxLength={limits.nameLength}
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
