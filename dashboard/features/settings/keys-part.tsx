import { ActionIcon, Button, Group, Modal, Select, Skeleton, Stack, Table, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiKey, NewApiKey } from '../../../collector/contract/manage.ts';
import type { KeyScope } from '../../../collector/contract/names.ts';
import { request } from '../../api/client.ts';
import { keysQuery, meQuery, sitesQuery } from '../../api/queries.ts';
import { formatRelative } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ConfirmModal } from '../../ui/confirm-modal.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { FailedAttempt } from '../../ui/failed-attempt.tsx';
import { notifyFailed, notifySaved } from '../../ui/notify.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SecretModal } from '../../ui/secret-modal.tsx';
import { Wide } from '../../ui/wide.tsx';
import { scopeNames } from './data.ts';
import { OwnersOnly } from './people-part.tsx';

export function KeysPart() {
  const me = useQuery(meQuery());
  const owner = me.data?.user.role === 'owner';
  const keys = useQuery({ ...keysQuery(), enabled: owner });
  const sites = useQuery(sitesQuery());
  const queryClient = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [removing, setRemoving] = useState<ApiKey | null>(null);
  const remove = useMutation({
    mutationFn: (key: ApiKey) => request('DELETE', `/keys/${key.id}`),
    onSuccess: async (_, key) => {
      setRemoving(null);
      notifySaved(`“${key.name}” no longer works.`);
      await queryClient.invalidateQueries({ queryKey: ['keys'] });
    },
    onError: notifyFailed,
  });
  const siteName = (id: string | null) =>
    id === null ? 'All sites' : (sites.data?.items.find((one) => one.id === id)?.name ?? id);

  if (me.data && !owner) return <OwnersOnly what="API keys" />;
  if (keys.isError && !keys.data) return <ErrorState error={keys.error} onRetry={() => void keys.refetch()} />;
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          For servers and scripts that send events or read reports. The whole API is described at{' '}
          <a href="/docs">/docs</a>.
        </Text>
        <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
          Create a key
        </Button>
      </Group>
      <Panel flush>
        {!keys.data ? (
          <Stack p="lg">
            <Skeleton height={32} />
            <Skeleton height={32} />
          </Stack>
        ) : keys.data.items.length === 0 ? (
          <EmptyState title="No API keys yet">
            Create one when a server should send events, or a tool should read reports.
          </EmptyState>
        ) : (
          <Wide label="API keys">
            <Table verticalSpacing="sm" horizontalSpacing="lg">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th>May</Table.Th>
                  <Table.Th>Site</Table.Th>
                  <Table.Th>Last used</Table.Th>
                  <Table.Th>
                    <span aria-hidden="true" />
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {keys.data.items.map((key) => (
                  <Table.Tr key={key.id}>
                    <Table.Td>
                      {key.name}
                      <Text size="xs" c="dimmed" ff="monospace">
                        {key.prefix}…
                      </Text>
                    </Table.Td>
                    <Table.Td>{scopeNames[key.scope]}</Table.Td>
                    <Table.Td>{siteName(key.site)}</Table.Td>
                    <Table.Td>{key.lastUsedAt ? formatRelative(key.lastUsedAt, Date.now()) : 'Never'}</Table.Td>
                    <Table.Td ta="right">
                      <ActionIcon aria-label={`Delete the key ${key.name}`} onClick={() => setRemoving(key)}>
                        <IconTrash size={17} stroke={1.6} />
                      </ActionIcon>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        )}
      </Panel>
      <Modal opened={adding} onClose={() => setAdding(false)} title="Create an API key">
        {adding ? (
          <AddKey
            onCreated={(created) => {
              setAdding(false);
              setSecret(created);
            }}
          />
        ) : null}
      </Modal>
      <SecretModal secret={secret} title="Your new API key" onClose={() => setSecret(null)}>
        Copy it now. It is shown this one time, because only a hash of it is kept.
      </SecretModal>
      <ConfirmModal
        opened={removing !== null}
        title={`Delete “${removing?.name ?? ''}”?`}
        action="Delete key"
        busy={remove.isPending}
        onClose={() => setRemoving(null)}
        onConfirm={() => removing && remove.mutate(removing)}
      >
        Whatever uses this key stops working at once.
      </ConfirmModal>
    </Stack>
  );
}

function AddKey({ onCreated }: { onCreated: (secret: string) => void }) {
  const site = useSite();
  const queryClient = useQueryClient();
  const form = useForm({
    initialValues: { name: '', scope: 'read' as KeyScope, reach: 'site' },
    validate: { name: (text) => (text.trim() === '' ? 'Name what will use it, such as “CRM”.' : null) },
  });
  const add = useMutation({
    mutationFn: ({ name, scope, reach }: typeof form.values) =>
      request<NewApiKey>('POST', '/keys', {
        body: { name: name.trim(), scope, ...(reach === 'site' ? { site: site.id } : {}) },
      }),
    onSuccess: async (key) => {
      await queryClient.invalidateQueries({ queryKey: ['keys'] });
      onCreated(key.secret);
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => add.mutate(values))}>
      <Stack gap="md">
        <FailedAttempt of={add} />
        <TextInput label="Name" placeholder="CRM" maxLength={120} data-autofocus {...form.getInputProps('name')} />
        <Select
          label="May"
          allowDeselect={false}
          data={Object.entries(scopeNames).map(([value, label]) => ({ value, label }))}
          {...form.getInputProps('scope')}
        />
        <Select
          label="Site"
          allowDeselect={false}
          data={[
            { value: 'site', label: `Only ${site.name}` },
            { value: 'all', label: 'All sites' },
          ]}
          {...form.getInputProps('reach')}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={add.isPending}>
            Create key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
