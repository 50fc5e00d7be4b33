import { ActionIcon, Button, Group, List, Menu, Skeleton, Stack, Switch, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconClockPause,
  IconDots,
  IconPlayerPause,
  IconPlus,
  IconSend,
} from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { StoredRule } from '../../../collector/contract/rule.ts';
import type { StoredEndpoint, TestResult } from '../../../collector/contract/webhooks.ts';
import { request } from '../../api/client.ts';
import { endpointsQuery, rulesQuery } from '../../api/queries.ts';
import { formatInstant, formatRelative, plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ConfirmModal } from '../../ui/confirm-modal.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { notifyFailed, notifySaved, notifyUndo } from '../../ui/notify.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SecretModal } from '../../ui/secret-modal.tsx';
import { endpointHealth, healthSentence } from './data.ts';
import { EndpointEditor } from './endpoint-editor.tsx';
import { TestModal } from './test-modal.tsx';
import classes from './webhooks.module.css';

const route = getRouteApi('/signed-in/sites/$site/webhooks');
const healthMarks = {
  good: IconCircleCheck,
  unknown: IconCircleDashed,
  waiting: IconClockPause,
  bad: IconAlertTriangle,
  off: IconPlayerPause,
};

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
  const [tested, setTested] = useState<{ endpoint: StoredEndpoint; result: TestResult } | null>(null);
  const [stopping, setStopping] = useState<StoredEndpoint | null>(null);
  const navigate = route.useNavigate();
  const openDeliveries = (endpoint: string) => void navigate({ search: { part: 'deliveries', endpoint } });
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
      setStopping(null);
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
    mutationFn: (one: StoredEndpoint) => request('DELETE', `${base}/${one.id}?confirm=true`),
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
    mutationFn: (endpoint: StoredEndpoint) =>
      request<TestResult>('POST', `${base}/${endpoint.id}/test`, { body: { case: 'latest' } }),
    onSuccess: async (result, endpoint) => {
      setTested({ endpoint, result });
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
                  onChange={(event) => {
                    // What waits for it cannot be brought back, so that is asked; all else can be undone.
                    if (!event.currentTarget.checked && one.health.pending > 0) setStopping(one);
                    else toggle.mutate({ id: one.id, name: one.name, enabled: event.currentTarget.checked });
                  }}
                />
                <div className={classes.words}>
                  <div className={classes.title}>
                    <Text fw={550}>{one.name}</Text>
                    <HealthMark one={one} />
                  </div>
                  <Text size="sm" className={classes.url}>
                    {one.url}
                  </Text>
                  <EndpointFacts one={one} rules={usedBy(one.id)} />
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
                      <Menu.Item onClick={() => openDeliveries(one.id)}>Its deliveries</Menu.Item>
                      {one.kind === 'webhook' ? <Menu.Item onClick={() => setEditing(one)}>Edit…</Menu.Item> : null}
                      {one.kind === 'mail' ? null : (
                        <>
                          <Menu.Item onClick={() => setRotating(one)}>New secret…</Menu.Item>
                          <Menu.Divider />
                          <Menu.Item onClick={() => setDeleting(one)}>Delete…</Menu.Item>
                        </>
                      )}
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
      <TestModal endpoint={tested?.endpoint ?? null} result={tested?.result ?? null} onClose={() => setTested(null)} />
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
        <Consequences endpoint={deleting} rules={deletingRules} />
        The log of what was sent stays.
      </ConfirmModal>
      <ConfirmModal
        opened={stopping !== null}
        title={`Switch “${stopping?.name ?? ''}” off?`}
        action="Switch off"
        busy={toggle.isPending}
        onClose={() => setStopping(null)}
        onConfirm={() => stopping && toggle.mutate({ id: stopping.id, name: stopping.name, enabled: false })}
      >
        <Consequences endpoint={stopping} rules={stopping ? usedBy(stopping.id) : []} />
        What is taken back is not sent when you switch it on later.
      </ConfirmModal>
    </Stack>
  );
}

/** What stops when nothing reaches this endpoint any more. */
function Consequences({ endpoint, rules }: { endpoint: StoredEndpoint | null; rules: StoredRule[] }) {
  if (!endpoint) return null;
  const waiting = endpoint.health.pending;
  const sentences = [
    ...rules.map((rule) => {
      const count = rule.followUps.filter((one) => one.endpoint === endpoint.id).length;
      return count === rule.followUps.length
        ? `The rule “${rule.name}” will send nothing any more.`
        : `The rule “${rule.name}” will leave out ${count} of its ${rule.followUps.length} messages.`;
    }),
    waiting > 0
      ? `${plural(waiting, 'message that waits for it is', 'messages that wait for it are')} taken back.`
      : 'No message waits for it.',
  ];
  return (
    <List size="sm" mb="sm">
      {sentences.map((sentence) => (
        <List.Item key={sentence}>{sentence}</List.Item>
      ))}
    </List>
  );
}

/** The state as a word with a mark whose shape differs too, not only the colour. */
function HealthMark({ one }: { one: StoredEndpoint }) {
  const { tone, word } = endpointHealth(one, Date.now());
  const Mark = healthMarks[tone];
  return (
    <span className={classes.healthMark} data-tone={tone}>
      <Mark size={16} stroke={1.8} aria-hidden="true" /> {word}
    </span>
  );
}

function EndpointFacts({ one, rules }: { one: StoredEndpoint; rules: StoredRule[] }) {
  const site = useSite();
  const { tone, sentence } = endpointHealth(one, Date.now());
  const kind = {
    webhook: null,
    hook: 'made by a no-code tool',
    mail: 'reports and leaks; news of a lead go to the one person they are for',
  }[one.kind];
  const facts = [
    healthSentence(one.health),
    kind,
    rules.length > 0
      ? `used by ${plural(rules.length, 'rule')}`
      : one.kind === 'webhook'
        ? 'not used by any rule yet'
        : null,
    one.lastTest
      ? `test ${one.lastTest.error === null ? 'passed' : 'failed'} ${formatRelative(one.lastTest.at, Date.now())}`
      : 'never tested',
    one.breaker.failingSince ? `failing since ${formatInstant(one.breaker.failingSince, site.timezone)}` : null,
    one.template === null ? null : 'with a template',
  ];
  return (
    <>
      {sentence === '' ? null : (
        <Text
          size="sm"
          className={tone === 'bad' ? classes.warn : undefined}
          role={tone === 'bad' ? 'status' : undefined}
        >
          {sentence}
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {facts.filter(Boolean).join(' · ')}
      </Text>
    </>
  );
}
