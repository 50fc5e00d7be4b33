import { Button, Menu, NumberInput, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { ScoreRule, Scoring } from '../../../collector/contract/scoring.ts';
import { DurationInput } from '../../ui/duration-input.tsx';
import { Panel } from '../../ui/panel.tsx';
import { RemoveRow } from '../../ui/remove-row.tsx';
import { newId, scoreRuleWords } from './data.ts';
import classes from './house.module.css';
import { PartFrame } from './part-frame.tsx';
import { ScoringPreviewPanel } from './scoring-preview.tsx';
import { FieldEditor, SignalEditor } from './signal-editor.tsx';
import type { PartDraft } from './use-part.ts';

/** How points are given, and from which score on a lead is warm or hot. */
export function ScoringRules() {
  const [tried, setTried] = useState<Scoring | null>(null);
  return (
    <PartFrame
      part="scoring"
      about="Points for what people do and for what is known of them. The score of each lead is explained line by line on its page, and the lines add up."
      toSave={withNames}
      aside={(form) => (
        <Button variant="default" onClick={() => setTried(withNames(form.draft))}>
          Who would move?
        </Button>
      )}
    >
      {(form) => (
        <>
          <Panel title="Rules">
            <Stack gap="md">
              {form.draft.rules.length === 0 ? (
                <Text size="sm" c="dimmed">
                  Nothing gives points yet. For example: 20 points for seeing the prices, 40 for a sent form.
                </Text>
              ) : null}
              {form.draft.rules.map((rule, index) => (
                <RuleEditor key={rule.id} rule={rule} index={index} form={form} />
              ))}
              <AddRule form={form} />
            </Stack>
          </Panel>
          <Groups form={form} />
          <Thresholds form={form} />
          {tried ? <ScoringPreviewPanel scoring={tried} /> : null}
        </>
      )}
    </PartFrame>
  );
}

/** Rules that nobody has named are called what they do. */
function withNames(scoring: Scoring): Scoring {
  return {
    ...scoring,
    rules: scoring.rules.map((rule) => ({ ...rule, name: rule.name.trim() || scoreRuleWords(rule) })),
  };
}

function AddRule({ form }: { form: PartDraft<'scoring'> }) {
  const add = (when: ScoreRule['when'], points: number) =>
    form.set({
      rules: [...form.draft.rules, { id: newId(form.draft.rules, 'r'), name: '', when, points, most: 1 }],
    });
  return (
    <div>
      <Menu position="bottom-start">
        <Menu.Target>
          <Button size="xs" variant="default" leftSection={<IconPlus size={14} />}>
            Add a rule
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => add({ kind: 'page', path: '' }, 10)}>For seeing a page</Menu.Item>
          <Menu.Item onClick={() => add({ kind: 'form' }, 40)}>For sending a form</Menu.Item>
          <Menu.Item onClick={() => add({ kind: 'event', match: { event: '' } }, 20)}>For an event</Menu.Item>
          <Menu.Item onClick={() => add({ kind: 'touch', touch: 'email_clicked' }, 5)}>For a contact</Menu.Item>
          <Menu.Item onClick={() => add({ kind: 'field', field: 'company', op: 'is_set' }, 10)}>
            For what is known
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

function RuleEditor({ rule, index, form }: { rule: ScoreRule; index: number; form: PartDraft<'scoring'> }) {
  const { rules, groups } = form.draft;
  const change = (next: Partial<ScoreRule>) => form.set({ rules: rules.with(index, { ...rule, ...next }) });
  const without = (key: 'halfLife' | 'group') => {
    const { [key]: _, ...rest } = rule;
    form.set({ rules: rules.with(index, rest) });
  };
  const label = `Rule ${index + 1}`;
  const error = form.wrong(`rules.${index}.when.`) ?? form.wrong(`rules.${index}.when`);
  const { when } = rule;
  return (
    <div className={classes.rule}>
      <div className={classes.ruleWords}>
        <div className={classes.inline}>
          <NumberInput
            aria-label={`${label}: points`}
            w={110}
            allowDecimal={false}
            prefix={rule.points > 0 ? '+' : ''}
            suffix=" points"
            value={rule.points}
            error={form.wrong(`rules.${index}.points`)}
            onChange={(next) => change({ points: Number(next) || 0 })}
          />
          <div className={classes.grow}>
            {when.kind === 'field' ? (
              <FieldEditor label={label} value={when} error={error} onChange={(next) => change({ when: next })} />
            ) : (
              <SignalEditor label={label} value={when} error={error} onChange={(next) => change({ when: next })} />
            )}
          </div>
        </div>
        <div className={classes.inline}>
          <Text size="xs" c="dimmed">
            called
          </Text>
          <TextInput
            aria-label={`${label}: name`}
            size="xs"
            w={190}
            placeholder={scoreRuleWords(rule)}
            value={rule.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
          {when.kind === 'field' ? null : (
            <>
              <NumberInput
                aria-label={`${label}: how many times count`}
                size="xs"
                w={120}
                min={1}
                max={50}
                allowDecimal={false}
                prefix="up to "
                suffix={rule.most === 1 ? ' time' : ' times'}
                value={rule.most}
                onChange={(next) => change({ most: Math.max(1, Number(next) || 1) })}
              />
              <Switch
                size="xs"
                label={rule.halfLife === undefined ? 'fades' : 'worth half after'}
                className={classes.switch}
                checked={rule.halfLife !== undefined}
                onChange={(event) => (event.currentTarget.checked ? change({ halfLife: '30d' }) : without('halfLife'))}
              />
              {rule.halfLife === undefined ? null : (
                <DurationInput
                  inline
                  label={`${label}: worth half after`}
                  value={rule.halfLife}
                  error={form.wrong(`rules.${index}.halfLife`)}
                  onChange={(halfLife) => change({ halfLife })}
                />
              )}
            </>
          )}
          {groups.length > 0 ? (
            <Select
              aria-label={`${label}: group`}
              placeholder="No group"
              size="xs"
              w={150}
              clearable
              clearButtonProps={{ 'aria-label': 'No group' }}
              data={groups.map(({ name }) => name)}
              value={rule.group ?? null}
              onChange={(next) => (next === null ? without('group') : change({ group: next }))}
            />
          ) : null}
        </div>
      </div>
      <RemoveRow
        label={`Remove the rule ${rule.name || scoreRuleWords(rule)}`}
        onClick={() => form.set({ rules: rules.filter((one) => one !== rule) })}
      />
    </div>
  );
}

function Groups({ form }: { form: PartDraft<'scoring'> }) {
  const { groups, rules } = form.draft;
  return (
    <Panel
      title="Groups"
      hint="Rules of one group together give at most its points, so that ten newsletters do not make a hot lead."
    >
      <Stack gap="sm">
        {groups.map((group, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a group has no other name than the one that is being typed.
          <div key={index} className={classes.inline}>
            <TextInput
              aria-label={`Group ${index + 1}: name`}
              placeholder="Mails"
              value={group.name}
              error={form.wrong(`groups.${index}.name`)}
              onChange={(event) => {
                const name = event.currentTarget.value;
                form.set({
                  groups: groups.with(index, { ...group, name }),
                  rules: rules.map((rule) => (rule.group === group.name ? { ...rule, group: name } : rule)),
                });
              }}
            />
            <NumberInput
              aria-label={`Group ${index + 1}: at most`}
              w={170}
              min={1}
              prefix="at most "
              suffix=" points"
              allowDecimal={false}
              value={group.most}
              onChange={(next) =>
                form.set({ groups: groups.with(index, { ...group, most: Math.max(1, Number(next) || 1) }) })
              }
            />
            <RemoveRow
              mt={6}
              label={`Remove the group ${group.name}`}
              onClick={() =>
                form.set({
                  groups: groups.filter((one) => one !== group),
                  rules: rules.map(({ group: of, ...rule }) =>
                    of === undefined || of === group.name ? rule : { ...rule, group: of },
                  ),
                })
              }
            />
          </div>
        ))}
        <div>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} />}
            onClick={() => form.set({ groups: [...groups, { name: `Group ${groups.length + 1}`, most: 20 }] })}
          >
            Add a group
          </Button>
        </div>
      </Stack>
    </Panel>
  );
}

function Thresholds({ form }: { form: PartDraft<'scoring'> }) {
  const { warm, hot } = form.draft;
  return (
    <Panel title="Warm and hot">
      <div className={classes.fields}>
        <NumberInput
          label="Warm from"
          suffix=" points"
          min={1}
          allowDecimal={false}
          value={warm}
          error={form.wrong('warm')}
          onChange={(next) => form.set({ warm: Number(next) || 1 })}
        />
        <NumberInput
          label="Hot from"
          suffix=" points"
          min={1}
          allowDecimal={false}
          value={hot}
          error={form.wrong('hot') ?? (hot <= warm ? 'Hot begins above warm.' : undefined)}
          onChange={(next) => form.set({ hot: Number(next) || 1 })}
        />
      </div>
    </Panel>
  );
}
