import { Button, Code, FileInput, Group, List, Modal, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconFileSpreadsheet } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Fragment, useState } from 'react';
import type { LeadImport } from '../../../collector/contract/lead-answers.ts';
import { request } from '../../api/client.ts';
import { leadsKey } from '../../api/lead-queries.ts';
import { plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { notifyFailed } from '../../ui/notify.tsx';

const shownProblems = 12;

type ListKind = 'leads' | 'touches';

const columns: Record<ListKind, string[]> = {
  leads: ['name', 'email', 'phone', 'company', 'kind', 'source', 'owner', 'consent', 'note', 'next step', 'follow up'],
  touches: ['kind', 'email', 'phone', 'at', 'direction', 'outcome', 'seconds', 'subject', 'text'],
};

const whatHelp: Record<ListKind, string> = {
  leads: 'One of them is enough, and others are kept as they are. People who are known already are not added twice.',
  touches:
    'Each row needs a kind, such as call or meeting, and an e-mail address or a telephone number. Somebody who is not known becomes a lead.',
};

const listed = (names: string[]) =>
  names.map((name, index) => (
    <Fragment key={name}>
      {index === 0 ? '' : ', '}
      <Code>{name}</Code>
    </Fragment>
  ));

/** Takes a list of people, or of contacts with them, as CSV, and says line by line what could not be taken. */
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
  const [what, setWhat] = useState<ListKind>('leads');
  const send = useMutation({
    mutationFn: (chosen: File) =>
      request<LeadImport>('POST', `/sites/${site.id}/${what}/import`, {
        body: new Blob([chosen], { type: 'text/csv' }),
      }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: leadsKey(site.id) }),
    onError: notifyFailed,
  });
  const { data } = send;
  if (data) {
    return (
      <Stack gap="md">
        <Text role="status">
          {plural(data.rows, 'row')}: {plural(data.created, 'lead')} added, {data.known} known already
          {data.touches > 0 ? `, ${plural(data.touches, 'contact')} added` : ''}.
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
        <SegmentedControl
          aria-label="What is in the list"
          value={what}
          data={[
            { value: 'leads', label: 'People' },
            { value: 'touches', label: 'Calls, mails and meetings' },
          ]}
          onChange={(next) => setWhat(next === 'touches' ? 'touches' : 'leads')}
        />
        <Text size="sm">
          A CSV file with a heading. Known columns are {listed(columns[what])}. {whatHelp[what]}
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
