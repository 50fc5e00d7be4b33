import { Button, Menu, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { LeadCondition, LeadDefinition } from '../../../collector/contract/lead-definition.ts';
import { DurationInput } from '../../ui/duration-input.tsx';
import { Panel } from '../../ui/panel.tsx';
import { RemoveRow } from '../../ui/remove-row.tsx';
import { allConditions, conditionWords, type Level, levelNames, named, newId } from './data.ts';
import classes from './house.module.css';
import { PartFrame } from './part-frame.tsx';
import { Rejections } from './rejections.tsx';
import { FieldEditor, SignalEditor } from './signal-editor.tsx';
import type { PartDraft } from './use-part.ts';

type Check = LeadCondition['check'];
const blankChecks: Record<Check['kind'], Check> = {
  field: { kind: 'field', field: 'email', op: 'is_set' },
  score: { kind: 'score', atLeast: 30 },
  behaviour: { kind: 'behaviour', of: { kind: 'page', path: '' }, atLeast: 1 },
};
const checkNames: Record<Check['kind'], string> = {
  field: 'Something is known of them',
  score: 'They have points',
  behaviour: 'They did something',
};

/** What marketing and sales have agreed to call a lead. */
export function Definition() {
  return (
    <PartFrame
      part="definition"
      about="What marketing and sales have agreed to call a lead. Every lead carries the version that judged it, and what sales rejects is counted for each condition."
      toSave={named}
    >
      {(form) => (
        <>
          {(Object.keys(levelNames) as Level[]).map((level) => (
            <LevelPanel key={level} level={level} form={form} />
          ))}
          <Agreement form={form} />
          <Rejections />
        </>
      )}
    </PartFrame>
  );
}

function LevelPanel({ level, form }: { level: Level; form: PartDraft<'definition'> }) {
  const conditions = form.draft[level];
  const change = (next: LeadCondition[]) => form.set({ [level]: next });
  const add = (kind: Check['kind']) =>
    change([...conditions, { id: newId(allConditions(form.draft), 'c'), name: '', check: blankChecks[kind] }]);
  return (
    <Panel title={levelNames[level]}>
      <Stack gap="md">
        {conditions.length === 0 ? (
          <Text size="sm" c="dimmed">
            {level === 'lead' ? 'Everybody who is known is a lead.' : 'Nobody is, as long as nothing is agreed.'}
          </Text>
        ) : null}
        {conditions.map((condition, index) => (
          <div key={condition.id} className={classes.rule}>
            <div className={classes.ruleWords}>
              {index > 0 ? <span className={classes.and}>and</span> : null}
              <CheckEditor
                label={`${levelNames[level]} condition ${index + 1}`}
                check={condition.check}
                error={form.wrong(`${level}.${index}.`)}
                onChange={(check) => change(conditions.with(index, { ...condition, check }))}
              />
              <div className={classes.inline}>
                <Text size="xs" c="dimmed">
                  called
                </Text>
                <TextInput
                  aria-label={`Name of condition ${index + 1}`}
                  placeholder={conditionWords(condition)}
                  size="xs"
                  w={240}
                  value={condition.name}
                  onChange={(event) =>
                    change(conditions.with(index, { ...condition, name: event.currentTarget.value }))
                  }
                />
              </div>
            </div>
            <RemoveRow
              label={`Remove the condition ${condition.name || conditionWords(condition)}`}
              onClick={() => change(conditions.filter((one) => one !== condition))}
            />
          </div>
        ))}
        <div>
          <Menu position="bottom-start">
            <Menu.Target>
              <Button size="xs" variant="default" leftSection={<IconPlus size={14} />}>
                Add a condition
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {(Object.keys(checkNames) as Check['kind'][]).map((kind) => (
                <Menu.Item key={kind} onClick={() => add(kind)}>
                  {checkNames[kind]}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </div>
      </Stack>
    </Panel>
  );
}

function CheckEditor({
  label,
  check,
  error,
  onChange,
}: {
  label: string;
  check: Check;
  error: string | undefined;
  onChange: (check: Check) => void;
}) {
  switch (check.kind) {
    case 'score':
      return (
        <div className={classes.inline}>
          <Text size="sm">Has at least</Text>
          <NumberInput
            aria-label={`${label}: points`}
            w={100}
            allowDecimal={false}
            value={check.atLeast}
            error={error}
            onChange={(next) => onChange({ ...check, atLeast: Number(next) || 0 })}
          />
          <Text size="sm">points</Text>
        </div>
      );
    case 'field':
      return <FieldEditor label={label} value={check} error={error} onChange={onChange} />;
    case 'behaviour':
      return (
        <Stack gap={6}>
          <SignalEditor label={label} value={check.of} error={error} onChange={(of) => onChange({ ...check, of })} />
          <div className={classes.inline}>
            <Text size="sm">at least</Text>
            <NumberInput
              aria-label={`${label}: times`}
              w={80}
              min={1}
              allowDecimal={false}
              value={check.atLeast}
              onChange={(next) => onChange({ ...check, atLeast: Math.max(1, Number(next) || 1) })}
            />
            <Text size="sm">times,</Text>
            <Select
              aria-label={`${label}: how long ago`}
              w={170}
              allowDeselect={false}
              data={[
                { value: 'ever', label: 'ever' },
                { value: 'within', label: 'within' },
              ]}
              value={check.within ? 'within' : 'ever'}
              onChange={(next) => {
                const { within: _, ...rest } = check;
                onChange(next === 'within' ? { ...rest, within: '30d' } : rest);
              }}
            />
          </div>
          {check.within ? (
            <DurationInput
              label="Within the last"
              value={check.within}
              onChange={(within) => onChange({ ...check, within })}
            />
          ) : null}
        </Stack>
      );
  }
}

function Agreement({ form }: { form: PartDraft<'definition'> }) {
  const { agreed } = form.draft;
  const sides = { marketing: 'For marketing', sales: 'For sales' } as const;
  const set = (side: keyof typeof sides, change: Partial<NonNullable<LeadDefinition['agreed']['sales']>>) => {
    const next = { name: '', since: new Date().toISOString().slice(0, 10), ...agreed[side], ...change };
    form.set({ agreed: { ...agreed, [side]: next.name.trim() === '' ? null : next } });
  };
  return (
    <Panel title="Who has agreed" hint="A definition is worth something when both sides have said yes to it, by name.">
      <div className={classes.pair}>
        {(Object.keys(sides) as (keyof typeof sides)[]).map((side) => (
          <div key={side} className={classes.inline}>
            <TextInput
              label={sides[side]}
              placeholder="Nobody yet"
              className={classes.grow}
              value={agreed[side]?.name ?? ''}
              error={form.wrong(`agreed.${side}.name`)}
              onChange={(event) => set(side, { name: event.currentTarget.value })}
            />
            <TextInput
              type="date"
              label="Since"
              disabled={agreed[side] === null}
              value={agreed[side]?.since ?? ''}
              error={form.wrong(`agreed.${side}.since`)}
              onChange={(event) => set(side, { since: event.currentTarget.value })}
            />
          </div>
        ))}
      </div>
    </Panel>
  );
}
