import { ActionIcon, Button, Group, Skeleton, Stack, Switch, Text } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { StoredRule } from '../../../collector/contract/rule.ts';
import { request } from '../../api/client.ts';
import { endpointsQuery, rulesQuery } from '../../api/queries.ts';
import { formatDuration, plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ConfirmModal } from '../../ui/confirm-modal.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { notifyFailed, notifySaved, notifyUndo } from '../../ui/notify.tsx';
import { Panel } from '../../ui/panel.tsx';
import { blankRule, ruleSentence } from './data.ts';
import classes from './leaks.module.css';
import { RuleEditor } from './rule-editor.tsx';

/** What counts as a leak on this site. */
export function Rules() {
  const site = useSite();
  const queryClient = useQueryClient();
  const rules = useQuery(rulesQuery(site.id));
  const endpoints = useQuery(endpointsQuery(site.id));
  const [editing, setEditing] = useState<StoredRule | 'new' | null>(null);
  const [deleting, setDeleting] = useState<StoredRule | null>(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: rulesQuery(site.id).queryKey });

  const toggle = useMutation({
    mutationFn: ({ id, enabled }: { id: string; name: string; enabled: boolean }) =>
      request<StoredRule>('PATCH', `/sites/${site.id}/rules/${id}`, { body: { enabled } }),
    onSuccess: async (_, { id, name, enabled }) => {
      await refresh();
      if (enabled) notifySaved(`“${name}” is on.`);
      else
        notifyUndo(`“${name}” is off. Nothing more is sent for it.`, () => toggle.mutate({ id, name, enabled: true }));
    },
    onError: notifyFailed,
  });
  const remove = useMutation({
    mutationFn: (rule: StoredRule) => request('DELETE', `/sites/${site.id}/rules/${rule.id}?confirm=true`),
    onSuccess: async (_, rule) => {
      setDeleting(null);
      notifySaved(`“${rule.name}” deleted.`);
      await refresh();
    },
    onError: notifyFailed,
  });

  if (rules.isError && !rules.data) return <ErrorState error={rules.error} onRetry={() => void rules.refetch()} />;
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={560}>
          A rule watches for an intent. If nothing finishes it within the wait, it becomes a case, and its messages go
          to your tools.
        </Text>
        <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>
          New rule
        </Button>
      </Group>
      <Panel flush>
        {!rules.data ? (
          <Stack p="lg">
            <Skeleton height={44} />
            <Skeleton height={44} />
            <Skeleton height={44} />
          </Stack>
        ) : rules.data.items.length === 0 ? (
          <EmptyState
            title="No rules yet"
            action={<Button onClick={() => setEditing('new')}>Create the first rule</Button>}
          >
            For example: after booking_start, without booking_done within 60 minutes.
          </EmptyState>
        ) : (
          <ul className={classes.rules}>
            {rules.data.items.map((rule) => (
              <li key={rule.id} className={classes.rule}>
                <Switch
                  aria-label={`${rule.name}: on or off`}
                  checked={rule.enabled}
                  onChange={(event) =>
                    toggle.mutate({ id: rule.id, name: rule.name, enabled: event.currentTarget.checked })
                  }
                />
                <div className={classes.ruleWords}>
                  <Text fw={550}>{rule.name}</Text>
                  <Text size="sm" c="dimmed">
                    {ruleSentence(rule)}{' '}
                    {rule.followUps.length === 0
                      ? 'Kept as a case, nothing is sent.'
                      : `${plural(rule.followUps.length, 'message')}: ${rule.followUps
                          .map(
                            (one) =>
                              `${endpoints.data?.items.find((endpoint) => endpoint.id === one.endpoint)?.name ?? 'an endpoint'} ${/^0/.test(one.after) ? 'at once' : `after ${formatDuration(one.after)}`}`,
                          )
                          .join(', ')}.`}
                  </Text>
                </div>
                <Group gap={4} wrap="nowrap">
                  <ActionIcon aria-label={`Edit ${rule.name}`} onClick={() => setEditing(rule)}>
                    <IconPencil size={17} stroke={1.6} />
                  </ActionIcon>
                  <ActionIcon aria-label={`Delete ${rule.name}`} onClick={() => setDeleting(rule)}>
                    <IconTrash size={17} stroke={1.6} />
                  </ActionIcon>
                </Group>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <RuleEditor
        key={editing === null ? 'closed' : editing === 'new' ? 'new' : editing.id}
        rule={editing === 'new' ? blankRule : editing}
        id={editing === null || editing === 'new' ? null : editing.id}
        onClose={() => setEditing(null)}
      />
      <ConfirmModal
        opened={deleting !== null}
        title={`Delete “${deleting?.name ?? ''}”?`}
        action="Delete rule"
        busy={remove.isPending}
        onClose={() => setDeleting(null)}
        onConfirm={() => deleting && remove.mutate(deleting)}
      >
        New cases stop at once, waiting cases end as “not pursued”, and messages that have not gone out yet are taken
        back. Cases that exist stay in the list. To pause it instead, switch it off.
      </ConfirmModal>
    </Stack>
  );
}
