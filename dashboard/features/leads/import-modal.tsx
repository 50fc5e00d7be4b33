import { Button, Code, FileInput, Group, List, Modal, Stack, Text } from '@mantine/core';
import { IconFileSpreadsheet } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { LeadImport } from '../../../collector/contract/lead-answers.ts';
import { request } from '../../api/client.ts';
import { leadsKey } from '../../api/lead-queries.ts';
import { plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { notifyFailed } from '../../ui/notify.tsx';

const shownProblems = 12;

/** Takes a list of people as CSV, and says line by line what could not be taken. */
export function ImportModal({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Import a list">
      {opened ? <ImportForm onClose={onClose} /> : null}
    </Modal>
  );
}

function ImportForm({ onClose }: { onClose: () => void }) {
  const site = useSite();
  const queryClient = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const send = useMutation({
    mutationFn: async (chosen: File) =>
      request<LeadImport>('POST', `/sites/${site.id}/leads/import`, {
        body: new Blob([await chosen.text()], { type: 'text/csv' }),
      }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: leadsKey(site.id) }),
    onError: notifyFailed,
  });
  const { data } = send;
  if (data) {
    return (
      <Stack gap="md">
        <Text role="status">
          {plural(data.rows, 'row')}: {plural(data.created, 'lead')} added, {data.known} known already.
        </Text>
        {data.problems.length > 0 ? (
          <div>
            <Text size="sm" fw={550}>
              {plural(data.problems.length + data.moreProblems, 'line')} to look at
            </Text>
            <List size="sm">
              {data.problems.slice(0, shownProblems).map(({ line, message }) => (
                <List.Item key={`${line} ${message}`}>
                  Line {line}: {message}
                </List.Item>
              ))}
            </List>
          </div>
        ) : null}
        <Group justify="flex-end">
          <Button onClick={onClose}>Close</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (file) send.mutate(file);
      }}
    >
      <Stack gap="md">
        <Text size="sm">
          A CSV file with a heading. Known columns are <Code>name</Code>, <Code>email</Code>, <Code>phone</Code>,{' '}
          <Code>company</Code>, <Code>kind</Code>, <Code>source</Code>, <Code>note</Code>, <Code>next_step</Code>,{' '}
          <Code>next_step_at</Code>. One of them is enough. People who are known already are not added twice.
        </Text>
        <FileInput
          label="File"
          placeholder="Choose a CSV file"
          accept=".csv,text/csv"
          leftSection={<IconFileSpreadsheet size={16} stroke={1.6} />}
          value={file}
          onChange={setFile}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={send.isPending} disabled={file === null}>
            Import
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
