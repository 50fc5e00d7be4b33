import { ActionIcon, Button, Group, Modal, Popover, Stack, Text, TextInput } from '@mantine/core';
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
  const [listOpen, list] = useDisclosure(false);
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
      <Popover
        position="bottom-start"
        opened={listOpen}
        onChange={(open) => (open ? list.open() : list.close())}
        trapFocus
        returnFocus
      >
        <Popover.Target>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            leftSection={<IconUsersGroup size={15} stroke={1.6} />}
            onClick={list.toggle}
          >
            {chosen ? `Segment: ${chosen.name}` : 'Segments'}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="Segments" p="xs">
          <Stack gap={4} miw={220}>
            <Text size="xs" c="dimmed" px="xs">
              {items.length === 0 ? 'No saved segments yet' : 'Show only'}
            </Text>
            {items.map((segment) => (
              <Group key={segment.id} gap={4} wrap="nowrap" justify="space-between">
                <Button
                  size="compact-sm"
                  variant="subtle"
                  aria-pressed={segment.id === chosen?.id}
                  onClick={() => {
                    setFilters(segment.filters);
                    list.close();
                  }}
                >
                  {segment.name}
                </Button>
                <ActionIcon aria-label={`Delete the segment ${segment.name}`} onClick={() => remove.mutate(segment)}>
                  <IconTrash size={15} />
                </ActionIcon>
              </Group>
            ))}
            <Button
              size="compact-sm"
              variant="default"
              disabled={filters.length === 0 || chosen !== undefined}
              onClick={() => {
                list.close();
                nameModal.open();
              }}
            >
              Save these filters…
            </Button>
          </Stack>
        </Popover.Dropdown>
      </Popover>
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
