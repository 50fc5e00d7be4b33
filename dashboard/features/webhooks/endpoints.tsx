import { ActionIcon, Button, Group, Menu, Skeleton, Stack, Switch, Text } from '@mantine/core';
import { IconDots, IconPlus, IconSend } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Attempt, StoredEndpoint } from '../../../collector/contract/webhooks.ts';
import { request } from '../../api/client.ts';
import { endpointsQuery, rulesQuery } from '../../api/queries.ts';
import { plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ConfirmModal } from '../../ui/confirm-modal.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { notifyFailed, notifySaved, notifyUndo } from '../../ui/notify.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SecretModal } from '../../ui/secret-modal.tsx';
import { healthSentence } from './data.ts';
import { EndpointEditor } from './endpoint-editor.tsx';
import { TestModal } from './test-modal.tsx';
import classes from './webhooks.module.css';

/** The receivers of this site. */
export function Endpoints() {
  const site = useSite();
  const queryClient = useQueryClient();
  const endpoints = useQuery(endpointsQuery(site.id));
  const rules = useQuery(rulesQuery(site.id));
  const [editing, setEditing] = useState<StoredEndpoint | 'new' | null>(null);
  const [deleting, setDeleting] = useState<StoredEndpoint | null>(null);
  const [rotating, setRotating] = useState<StoredEndpoint | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const [tested, setTested] = useState<{ endpoint: StoredEndpoint; attempt: Attempt } | null>(null);
  const base = `/sites/${site.id}/endpoints`;
  const refresh = () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: endpointsQuery(site.id).queryKey }),
      queryClient.invalidateQueries({ queryKey: ['deliveries', site.id] }),
    ]);

  const toggle = useMutation({
    mutationFn: ({ id, enabled }: { id: string; name: string; enabled: boolean }) =>
      request<StoredEndpoint>('PATCH', `${base}/${id}`, { body: { enabled } }),
    onSuccess: async (_, { id, name, enabled }) => {
      await refresh();
      if (enabled) notifySaved(`“${name}” is on.`);
      else
        notifyUndo(`“${name}” is off. Messages waiting for it were taken back.`, () =>
          toggle.mutate({ id, name, enabled: true }),
        );
    },
    onError: notifyFailed,
  });
  const remove = useMutation({
    mutationFn: (one: StoredEndpoint) => request('DELETE', `${base}/${one.id}`),
    onSuccess: async (_, one) => {
      setDeleting(null);
      notifySaved(`“${one.name}” deleted.`);
      await refresh();
    },
    onError: notifyFailed,
  });
  const rotate = useMutation({
    mutationFn: (one: StoredEndpoint) => request<{ secret: string }>('POST', `${base}/${one.id}/rotate`),
    onSuccess: (answer) => {
      setRotating(null);
      setSecret(answer.secret);
    },
    onError: notifyFailed,
  });
  const test = useMutation({
    mutationFn: (endpoint: StoredEndpoint) => request<Attempt>('POST', `${base}/${endpoint.id}/test`),
    onSuccess: async (attempt, endpoint) => {
      setTested({ endpoint, attempt });
      await refresh();
    },
    onError: notifyFailed,
  });

  if (endpoints.isError && !endpoints.data)
    return <ErrorState error={endpoints.error} onRetry={() => void endpoints.refetch()} />;
  const usedBy = (id: string) =>
    (rules.data?.items ?? []).filter((rule) => rule.followUps.some((one) => one.endpoint === id));
  const deletingRules = deleting ? usedBy(deleting.id) : [];
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={560}>
          Works with Zapier, Make, n8n or your own server. Messages follow the Standard Webhooks specification, so any
          of its libraries can check the signature.
        </Text>
        <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>
          Add endpoint
        </Button>
      </Group>
      <Panel flush>
        {!endpoints.data ? (
          <Stack p="lg">
            <Skeleton height={48} />
            <Skeleton height={48} />
          </Stack>
        ) : endpoints.data.items.length === 0 ? (
          <EmptyState
            title="No endpoints yet"
            action={<Button onClick={() => setEditing('new')}>Add the first endpoint</Button>}
          >
            An endpoint is an address that receives a message when somebody abandons. Create one in your automation
            tool, then paste its URL.
          </EmptyState>
        ) : (
          <ul className={classes.list}>
            {endpoints.data.items.map((one) => (
              <li key={one.id} className={classes.item}>
                <Switch
                  aria-label={`${one.name}: on or off`}
                  checked={one.enabled}
                  onChange={(event) =>
                    toggle.mutate({ id: one.id, name: one.name, enabled: event.currentTarget.checked })
                  }
                />
                <div className={classes.words}>
                  <Text fw={550}>{one.name}</Text>
                  <Text size="sm" className={classes.url}>
                    {one.url}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {healthSentence(one.health)}
                    {usedBy(one.id).length > 0
                      ? ` · used by ${plural(usedBy(one.id).length, 'rule')}`
                      : ' · not used by any rule yet'}
                  </Text>
                  {one.disabledReason ? (
                    <Text size="xs" className={classes.warn}>
                      Switched off: {one.disabledReason}
                    </Text>
                  ) : null}
                </div>
                <Group gap={6} wrap="nowrap">
                  <Button
                    variant="default"
                    size="xs"
                    leftSection={<IconSend size={14} />}
                    loading={test.isPending && test.variables.id === one.id}
                    aria-label={`Send a test to ${one.name}`}
                    onClick={() => test.mutate(one)}
                  >
                    Send test
                  </Button>
                  <Menu position="bottom-end">
                    <Menu.Target>
                      <ActionIcon aria-label={`More for ${one.name}`}>
                        <IconDots size={18} />
                      </ActionIcon>
                    </Menu.Target>
                    <Menu.Dropdown>
                      <Menu.Item onClick={() => setEditing(one)}>Edit…</Menu.Item>
                      <Menu.Item onClick={() => setRotating(one)}>New secret…</Menu.Item>
                      <Menu.Divider />
                      <Menu.Item onClick={() => setDeleting(one)}>Delete…</Menu.Item>
                    </Menu.Dropdown>
                  </Menu>
                </Group>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <EndpointEditor
        endpoint={editing}
        onClose={() => setEditing(null)}
        onCreated={(created) => {
          setEditing(null);
          setSecret(created);
        }}
      />
      <SecretModal secret={secret} title="The signing secret" onClose={() => setSecret(null)}>
        Store it in the tool that receives the messages: it proves that a message comes from you. It is shown this one
        time; later you can only make a new one.
      </SecretModal>
      <TestModal tested={tested} onClose={() => setTested(null)} />
      <ConfirmModal
        opened={rotating !== null}
        title="Make a new secret?"
        action="Make a new secret"
        busy={rotate.isPending}
        onClose={() => setRotating(null)}
        onConfirm={() => rotating && rotate.mutate(rotating)}
      >
        For 24 hours messages to “{rotating?.name}” carry a signature of the old secret too, so nothing breaks while you
        change it there.
      </ConfirmModal>
      <ConfirmModal
        opened={deleting !== null}
        title={`Delete “${deleting?.name ?? ''}”?`}
        action="Delete endpoint"
        busy={remove.isPending}
        onClose={() => setDeleting(null)}
        onConfirm={() => deleting && remove.mutate(deleting)}
      >
        {deletingRules.length > 0
          ? `Nothing more is sent to it by ${deletingRules.map((rule) => `“${rule.name}”`).join(', ')}, and messages that wait are taken back.`
          : 'Messages that wait for it are taken back.'}{' '}
        The log of what was sent stays.
      </ConfirmModal>
    </Stack>
  );
}
