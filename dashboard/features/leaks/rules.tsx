import { ActionIcon, Button, Group, Menu, Skeleton, Stack, Switch, Text } from '@mantine/core';
import { IconDots, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { RuleUse, StoredRule } from '../../../collector/contract/rule.ts';
import { request } from '../../api/client.ts';
import { endpointsQuery, rulesQuery, ruleUseQuery } from '../../api/queries.ts';
import { formatRate } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { notifyFailed, notifySaved, notifyUndo } from '../../ui/notify.tsx';
import { Panel } from '../../ui/panel.tsx';
import { followUpWords, ruleSentence } from './data.ts';
import classes from './leaks.module.css';
import { blankRule, toDraft } from './rule-draft.ts';
import { type RuleAside, RuleEditor } from './rule-editor.tsx';
import { RuleStop } from './rule-stop.tsx';

/** What counts as a leak on this site. */
export function Rules() {
  const site = useSite();
  const queryClient = useQueryClient();
  const rules = useQuery(rulesQuery(site.id));
  const endpoints = useQuery(endpointsQuery(site.id));
  const [editing, setEditing] = useState<{ rule: StoredRule | null; aside: RuleAside } | null>(null);
  const [stopping, setStopping] = useState<{ rule: StoredRule; action: 'delete' | 'off' } | null>(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: rulesQuery(site.id).queryKey });
  const endpointName = (id: string) =>
    endpoints.data?.items.find((endpoint) => endpoint.id === id)?.name ?? 'an endpoint';

  const toggle = useMutation({
    mutationFn: ({ rule, enabled }: { rule: StoredRule; enabled: boolean }) =>
      request<StoredRule>('PATCH', `/sites/${site.id}/rules/${rule.id}`, { body: { enabled } }),
    onSuccess: async (_, { rule, enabled }) => {
      setStopping(null);
      await refresh();
      if (enabled) notifySaved(`“${rule.name}” is on.`);
      else
        notifyUndo(`“${rule.name}” is off. Nothing more is sent for it.`, () => toggle.mutate({ rule, enabled: true }));
    },
    onError: notifyFailed,
  });
  const switchOff = useMutation({
    mutationFn: (rule: StoredRule) =>
      queryClient.fetchQuery({ ...ruleUseQuery(site.id, rule.id), staleTime: 0 }) satisfies Promise<RuleUse>,
    onSuccess: ({ waiting, plannedMessages }, rule) => {
      // What ends now cannot be brought back by switching it on again, so that is asked; all else can be undone.
      if (waiting + plannedMessages > 0) setStopping({ rule, action: 'off' });
      else toggle.mutate({ rule, enabled: false });
    },
    onError: notifyFailed,
  });
  const remove = useMutation({
    mutationFn: (rule: StoredRule) => request('DELETE', `/sites/${site.id}/rules/${rule.id}?confirm=true`),
    onSuccess: async (_, rule) => {
      setStopping(null);
      notifySaved(`“${rule.name}” deleted.`);
      await refresh();
    },
    onError: notifyFailed,
  });

  if (rules.isError && !rules.data) return <ErrorState error={rules.error} onRetry={() => void rules.refetch()} />;
  const edit = (rule: StoredRule, aside: RuleAside) => setEditing({ rule, aside });
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={560}>
          A rule watches for an intent. If nothing finishes it within the wait, it becomes a case, and its messages go
          to your tools.
        </Text>
        <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing({ rule: null, aside: 'backtest' })}>
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
            action={
              <Button onClick={() => setEditing({ rule: null, aside: 'backtest' })}>Create the first rule</Button>
            }
          >
            For example: after booking_start, without booking_done within 60 minutes. You can try a rule on past visits
            before you switch it on.
          </EmptyState>
        ) : (
          <ul className={classes.rules}>
            {rules.data.items.map((rule) => (
              <li key={rule.id} className={classes.rule}>
                <Switch
                  aria-label={`${rule.name}: on or off`}
                  checked={rule.enabled}
                  onChange={(event) =>
                    event.currentTarget.checked ? toggle.mutate({ rule, enabled: true }) : switchOff.mutate(rule)
                  }
                />
                <div className={classes.ruleWords}>
                  <Text fw={550}>{rule.name}</Text>
                  <Text size="sm" c="dimmed">
                    {ruleSentence(rule)} {followUpWords(rule, endpointName)}
                    {rule.holdout > 0 ? ` ${formatRate(rule.holdout)} of people are held out.` : ''}
                  </Text>
                  <Text size="sm">
                    <Link
                      to="/sites/$site/leaks"
                      params={{ site: site.id }}
                      search={{ part: 'cases', rule: rule.id }}
                      aria-label={`Cases of ${rule.name}`}
                    >
                      Cases
                    </Link>
                  </Text>
                </div>
                <Group gap={4} wrap="nowrap">
                  <ActionIcon aria-label={`Edit ${rule.name}`} onClick={() => edit(rule, 'backtest')}>
                    <IconPencil size={17} stroke={1.6} />
                  </ActionIcon>
                  <ActionIcon
                    aria-label={`Delete ${rule.name}`}
                    onClick={() => setStopping({ rule, action: 'delete' })}
                  >
                    <IconTrash size={17} stroke={1.6} />
                  </ActionIcon>
                  <Menu position="bottom-end">
                    <Menu.Target>
                      <ActionIcon aria-label={`More for ${rule.name}`}>
                        <IconDots size={18} />
                      </ActionIcon>
                    </Menu.Target>
                    <Menu.Dropdown>
                      <Menu.Item onClick={() => edit(rule, 'backtest')}>Try it on past visits</Menu.Item>
                      <Menu.Item onClick={() => edit(rule, 'holdout')}>What its messages bring</Menu.Item>
                      <Menu.Item onClick={() => edit(rule, 'versions')}>History of changes</Menu.Item>
                    </Menu.Dropdown>
                  </Menu>
                </Group>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <RuleEditor
        rule={editing === null ? null : editing.rule === null ? blankRule : toDraft(editing.rule)}
        id={editing?.rule?.id ?? null}
        {...(editing ? { aside: editing.aside } : {})}
        onClose={() => setEditing(null)}
      />
      <RuleStop
        rule={stopping?.rule ?? null}
        action={stopping?.action ?? 'delete'}
        busy={remove.isPending || toggle.isPending}
        onClose={() => setStopping(null)}
        onConfirm={() => {
          if (stopping?.action === 'delete') remove.mutate(stopping.rule);
          else if (stopping) toggle.mutate({ rule: stopping.rule, enabled: false });
        }}
      />
    </Stack>
  );
}
