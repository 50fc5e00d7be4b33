import { Alert, Button, Checkbox, Group, Modal, Select, Stack, Switch, Tabs, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { limits } from '../../../collector/contract/limits.ts';
import type { RuleKind } from '../../../collector/contract/names.ts';
import type { RuleRemark, SavedRule } from '../../../collector/contract/rule.ts';
import { ApiError, request } from '../../api/client.ts';
import { ruleCheckQuery, rulesQuery } from '../../api/queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { errorText, notifySaved } from '../../ui/notify.tsx';
import { ruleKindNames } from './data.ts';
import classes from './leaks.module.css';
import { RuleBacktest } from './rule-backtest.tsx';
import {
  askableRule,
  type DraftRule,
  forPeople,
  isAskable,
  kindHelp,
  questionRule,
  remarksAt,
  remarksElsewhere,
  ruleProblems,
  withKind,
} from './rule-draft.ts';
import { RuleHoldout } from './rule-holdout.tsx';
import { RuleLimits } from './rule-limits.tsx';
import { RuleMessages } from './rule-messages.tsx';
import { RuleSentence } from './rule-sentence.tsx';
import { RuleVersions } from './rule-versions.tsx';

/** The form; the problems of a place are shown there. */
export interface RulePart {
  draft: DraftRule;
  set: (change: Partial<DraftRule>) => void;
  /** What keeps the rule from being saved, at this place. */
  wrong: (place: string) => string | undefined;
  /** What may not mean what was meant, at this place. */
  doubtful: (place: string) => string | undefined;
}

/** What is shown beside the form: what the rule would have done, what it brings, what it was. */
export type RuleAside = 'backtest' | 'holdout' | 'versions';

const places = [
  'name',
  'intent',
  'complete',
  'wait',
  'key',
  'followUps',
  'quietHours',
  'holdout',
  'audience',
  'cooldown',
];

export function RuleEditor({
  rule,
  id,
  aside = 'backtest',
  onClose,
}: {
  rule: DraftRule | null;
  id: string | null;
  aside?: RuleAside;
  onClose: () => void;
}) {
  return (
    <Modal opened={rule !== null} onClose={onClose} size={1160} title={id === null ? 'New rule' : 'Edit rule'}>
      {rule ? <Editor rule={rule} id={id} aside={aside} onClose={onClose} /> : null}
    </Modal>
  );
}

function Editor({
  rule,
  id,
  aside,
  onClose,
}: {
  rule: DraftRule;
  id: string | null;
  aside: RuleAside;
  onClose: () => void;
}) {
  const site = useSite();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState<DraftRule>(rule);
  const [tried, setTried] = useState(false);
  const [isYetToCome, setYetToCome] = useState(false);
  const [part, setPart] = useState<RuleAside>(aside);
  const set = (change: Partial<DraftRule>) => {
    setDraft((old) => ({ ...old, ...change }));
    save.reset();
  };
  const [asked] = useDebouncedValue(questionRule(draft), 600);
  const check = useQuery({ ...ruleCheckQuery(site.id, asked), enabled: isAskable(asked) });
  const missing = ruleProblems(draft);
  const save = useMutation({
    mutationFn: () => {
      const written = askableRule(draft);
      const suffix = isYetToCome ? '?unknown=allow' : '';
      if (id === null) return request<SavedRule>('POST', `/sites/${site.id}/rules${suffix}`, { body: written });
      return request<SavedRule>('PATCH', `/sites/${site.id}/rules/${id}${suffix}`, {
        body: { ...written, key: written.key ?? null, quietHours: written.quietHours ?? null },
      });
    },
    onSuccess: async (saved) => {
      await queryClient.invalidateQueries({ queryKey: rulesQuery(site.id).queryKey });
      await queryClient.invalidateQueries({ queryKey: ['rule-versions', site.id] });
      const [warning] = saved.warnings.map(forPeople);
      notifySaved(warning ? `Rule saved. One thing to look at: ${warning.message}` : 'Rule saved.');
      onClose();
    },
  });
  const refused: RuleRemark[] = save.error instanceof ApiError ? save.error.details : [];
  const known = isAskable(draft) ? check.data : undefined;
  const unknown = known?.unknown ?? [];
  const errors = [...(tried ? missing : []), ...(known?.errors ?? []), ...refused].map(forPeople);
  const distinct = errors.filter((one, index) => errors.findIndex((other) => other.message === one.message) === index);
  const warnings = [...unknown, ...(known?.warnings ?? [])]
    .map(forPeople)
    .filter(({ message }) => distinct.every((error) => error.message !== message));
  const elsewhere = remarksElsewhere(distinct, places);
  const form: RulePart = {
    draft,
    set,
    wrong: (place) => remarksAt(distinct, place),
    doubtful: (place) => remarksAt(warnings, place),
  };
  return (
    <div className={classes.editor}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (missing.length === 0) save.mutate();
        }}
      >
        <Stack gap="lg">
          {save.isError && (refused.length === 0 || elsewhere.length > 0) ? (
            <Alert color="copper" role="alert">
              {elsewhere.length > 0 ? elsewhere.map(({ message }) => message).join(' ') : errorText(save.error)}
            </Alert>
          ) : null}
          <div className={classes.pair}>
            <TextInput
              label="Name"
              placeholder="Booking abandoned"
              maxLength={limits.nameLength}
              value={draft.name}
              error={form.wrong('name')}
              data-autofocus
              onChange={(event) => set({ name: event.currentTarget.value })}
            />
            <Select
              label="Kind"
              data={Object.entries(ruleKindNames).map(([value, label]) => ({ value, label }))}
              value={draft.kind}
              allowDeselect={false}
              onChange={(next) => next && setDraft((old) => withKind(old, next as RuleKind))}
            />
          </div>
          <Text size="xs" c="dimmed" mt={-12}>
            {kindHelp[draft.kind]}
          </Text>
          <RuleSentence {...form} />
          <RuleMessages {...form} />
          <RuleLimits {...form} />
          {unknown.length > 0 && draft.enabled ? (
            <Checkbox
              checked={isYetToCome}
              onChange={(event) => setYetToCome(event.currentTarget.checked)}
              label="Save it all the same: the site will send this event soon"
            />
          ) : null}
          <div className={classes.editorFoot}>
            <Switch
              label="On"
              checked={draft.enabled}
              onChange={(event) => set({ enabled: event.currentTarget.checked })}
            />
            <Group gap="sm">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={save.isPending}>
                Save rule
              </Button>
            </Group>
          </div>
          {distinct.length > 0 ? (
            <Text size="sm" className={classes.wrong} role="status">
              Not saved yet: please look at the places in red above.
            </Text>
          ) : null}
        </Stack>
      </form>
      <aside className={classes.editorAside} aria-label="What the rule does">
        {id === null ? (
          <RuleBacktest draft={draft} ruleId={null} onAdopt={(wait) => set({ wait })} />
        ) : (
          <Tabs
            value={part}
            keepMounted={false}
            onChange={(next) => setPart(next === 'holdout' || next === 'versions' ? next : 'backtest')}
          >
            <Tabs.List>
              <Tabs.Tab value="backtest">Try it</Tabs.Tab>
              <Tabs.Tab value="holdout">What it brings</Tabs.Tab>
              <Tabs.Tab value="versions">History</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="backtest" pt="md">
              <RuleBacktest draft={draft} ruleId={id} onAdopt={(wait) => set({ wait })} />
            </Tabs.Panel>
            <Tabs.Panel value="holdout" pt="md">
              <RuleHoldout id={id} />
            </Tabs.Panel>
            <Tabs.Panel value="versions" pt="md">
              <RuleVersions id={id} onTake={(old) => setDraft({ ...old, enabled: draft.enabled })} />
            </Tabs.Panel>
          </Tabs>
        )}
      </aside>
    </div>
  );
}
