import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconFlag } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Annotation, StoredAnnotation } from '../../../collector/contract/manage.ts';
import { request } from '../../api/client.ts';
import { annotationsQuery } from '../../api/queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { notifyFailed, notifySaved } from '../../ui/notify.tsx';
import { dateIn } from '../range/data.ts';

/** As long as the contract allows. */
const longest = 280;

/** Writes down what happened on a day, so that the chart explains itself later. */
export function AddNote() {
  const site = useSite();
  const queryClient = useQueryClient();
  const [opened, modal] = useDisclosure(false);
  const [on, setOn] = useState('');
  const [text, setText] = useState('');
  const save = useMutation({
    mutationFn: (body: Annotation) => request<StoredAnnotation>('POST', `/sites/${site.id}/annotations`, { body }),
    onSuccess: async () => {
      modal.close();
      setText('');
      notifySaved('Note added.');
      await queryClient.invalidateQueries({ queryKey: annotationsQuery(site.id).queryKey });
    },
    onError: notifyFailed,
  });
  return (
    <>
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconFlag size={15} />}
        onClick={() => {
          setOn(dateIn(site.timezone, Date.now()));
          modal.open();
        }}
      >
        Add note
      </Button>
      <Modal opened={opened} onClose={modal.close} title="Add a note">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate({ on, text: text.trim() });
          }}
        >
          <Stack gap="md">
            <TextInput
              label="Day"
              type="date"
              required
              withAsterisk={false}
              value={on}
              onChange={(event) => setOn(event.currentTarget.value)}
            />
            <TextInput
              label="What happened"
              placeholder="New prices went live"
              maxLength={longest}
              value={text}
              data-autofocus
              onChange={(event) => setText(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button type="submit" disabled={text.trim() === '' || on === ''} loading={save.isPending}>
                Add note
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
