import { ActionIcon, Button, Group, Modal, Select, Skeleton, Stack, Table, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { User } from '../../../collector/contract/manage.ts';
import type { UserRole } from '../../../collector/contract/names.ts';
import { request } from '../../api/client.ts';
import { meQuery, usersQuery } from '../../api/queries.ts';
import { formatInstant } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ConfirmModal } from '../../ui/confirm-modal.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { FailedAttempt } from '../../ui/failed-attempt.tsx';
import { notifyFailed, notifySaved } from '../../ui/notify.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Wide } from '../../ui/wide.tsx';
import { roleHelp, roleNames, suggestPassword } from './data.ts';

export function PeoplePart() {
  const site = useSite();
  const me = useQuery(meQuery());
  const owner = me.data?.user.role === 'owner';
  const users = useQuery({ ...usersQuery(), enabled: owner });
  const queryClient = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<User | null>(null);
  const remove = useMutation({
    mutationFn: (user: User) => request('DELETE', `/users/${user.id}`),
    onSuccess: async (_, user) => {
      setRemoving(null);
      notifySaved(`${user.email} can no longer sign in.`);
      await queryClient.invalidateQueries({ queryKey: ['users'] });
    },
    onError: notifyFailed,
  });

  if (me.data && !owner) return <OwnersOnly what="Who may sign in" />;
  if (users.isError && !users.data) return <ErrorState error={users.error} onRetry={() => void users.refetch()} />;
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          They see every site of this installation.
        </Text>
        <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
          Add a person
        </Button>
      </Group>
      <Panel flush>
        {!users.data ? (
          <Stack p="lg">
            <Skeleton height={32} />
            <Skeleton height={32} />
          </Stack>
        ) : (
          <Wide label="People">
            <Table verticalSpacing="sm" horizontalSpacing="lg">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>E-mail</Table.Th>
                  <Table.Th>Role</Table.Th>
                  <Table.Th>Since</Table.Th>
                  <Table.Th>
                    <span aria-hidden="true" />
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {users.data.items.map((user) => (
                  <Table.Tr key={user.id}>
                    <Table.Td>
                      {user.email}
                      {user.id === me.data?.user.id ? ' (you)' : ''}
                    </Table.Td>
                    <Table.Td title={roleHelp[user.role]}>{roleNames[user.role]}</Table.Td>
                    <Table.Td>{formatInstant(user.createdAt, site.timezone)}</Table.Td>
                    <Table.Td ta="right">
                      {user.id === me.data?.user.id ? null : (
                        <ActionIcon aria-label={`Remove ${user.email}`} onClick={() => setRemoving(user)}>
                          <IconTrash size={17} stroke={1.6} />
                        </ActionIcon>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        )}
      </Panel>
      <Modal opened={adding} onClose={() => setAdding(false)} title="Add a person">
        {adding ? <AddPerson onDone={() => setAdding(false)} /> : null}
      </Modal>
      <ConfirmModal
        opened={removing !== null}
        title={`Remove ${removing?.email ?? ''}?`}
        action="Remove"
        busy={remove.isPending}
        onClose={() => setRemoving(null)}
        onConfirm={() => removing && remove.mutate(removing)}
      >
        They are signed out everywhere at once. What they set up stays.
      </ConfirmModal>
    </Stack>
  );
}

function AddPerson({ onDone }: { onDone: () => void }) {
  const queryClient = useQueryClient();
  const form = useForm({
    initialValues: {
      email: '',
      password: suggestPassword(crypto.getRandomValues(new Uint8Array(16))),
      role: 'editor' as UserRole,
    },
    validate: {
      email: (text) => (/.+@.+\..+/.test(text) ? null : 'This is not an e-mail address.'),
      password: (text) => (text.length < 10 ? 'Use at least 10 characters.' : null),
    },
  });
  const add = useMutation({
    mutationFn: (body: typeof form.values) => request<User>('POST', '/users', { body }),
    onSuccess: async (user) => {
      notifySaved(`${user.email} can sign in now.`);
      await queryClient.invalidateQueries({ queryKey: ['users'] });
      onDone();
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => add.mutate(values))}>
      <Stack gap="md">
        <FailedAttempt of={add} />
        <TextInput label="E-mail" type="email" autoComplete="off" data-autofocus {...form.getInputProps('email')} />
        <TextInput
          label="First password"
          description="Give it to them yourself. They change it under Your account."
          autoComplete="off"
          {...form.getInputProps('password')}
        />
        <Select
          label="Role"
          description={roleHelp[form.values.role]}
          allowDeselect={false}
          data={Object.entries(roleNames).map(([value, label]) => ({ value, label }))}
          {...form.getInputProps('role')}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={add.isPending}>
            Add
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Said to those who may not see a part of the settings. */
export function OwnersOnly({ what }: { what: string }) {
  return (
    <Panel>
      <EmptyState title={`${what} is for owners`}>Ask an owner of this installation to change it.</EmptyState>
    </Panel>
  );
}
