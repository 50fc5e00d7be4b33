import { Chip, Group, Input, NumberInput, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import type { Rule } from '../../../collector/contract/rule.ts';
import { DurationInput } from '../../ui/duration-input.tsx';
import classes from './leaks.module.css';
import { Doubt } from './rule-doubt.tsx';
import { type DraftRule, usualQuietHours, type Weekday, weekdayNames } from './rule-draft.ts';
import type { RulePart } from './rule-editor.tsx';

const audiences: { value: Rule['audience']; label: string }[] = [
  { value: 'anyone', label: 'anyone' },
  { value: 'identified', label: 'people who are known (e-mail, phone or id)' },
  { value: 'consented', label: 'people who gave consent' },
];

/** Whom, how often and when: what has good defaults and is rarely changed. */
export function RuleLimits(part: RulePart) {
  const { draft, set, wrong, doubtful } = part;
  // What somebody has set is not hidden.
  const [isOpen, setOpen] = useState(() => isUnusual(draft));
  const setKey = (text: string) => set({ key: text.trim() === '' ? undefined : `prop:${text.trim()}` });
  return (
    <Stack gap="lg">
      <Select
        label="Send only to"
        description="The case is kept either way."
        data={audiences}
        value={draft.audience}
        allowDeselect={false}
        error={wrong('audience')}
        onChange={(next) => set({ audience: audiences.find((one) => one.value === next)?.value ?? 'anyone' })}
      />
      <details className={classes.more} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <IconChevronRight className={classes.chevron} size={16} stroke={1.8} aria-hidden="true" /> How often, when,
          and to how many
        </summary>
        <Stack gap="lg" pt="md">
          <div>
            <TextInput
              label="One case per (optional)"
              description="A property that tells two bookings, orders or quotes of one person apart."
              placeholder="booking_id"
              value={draft.key?.replace(/^prop:/, '') ?? ''}
              error={wrong('key')}
              onChange={(event) => setKey(event.currentTarget.value)}
            />
            <Doubt>{doubtful('key')}</Doubt>
          </div>
          <DurationInput
            label="Cool-down"
            description="No second case of this rule for the same person within this time."
            value={draft.cooldown}
            error={wrong('cooldown')}
            onChange={(cooldown) => set({ cooldown })}
          />
          <DurationInput
            label="Cap per person"
            description="No second message to the same person, whatever the rule, within this time."
            value={draft.perPersonCap}
            error={wrong('perPersonCap')}
            onChange={(perPersonCap) => set({ perPersonCap })}
          />
          <DurationInput
            label="Recovery window"
            description="Who finishes within this time after the abandonment counts as recovered."
            value={draft.recoveryWindow}
            error={wrong('recoveryWindow')}
            onChange={(recoveryWindow) => set({ recoveryWindow })}
          />
          <div>
            <NumberInput
              label="Hold out"
              description="This share of people gets no message, so that you can see what messages bring. 10% is usual."
              suffix="%"
              min={0}
              max={90}
              allowDecimal={false}
              w={124}
              value={Math.round(draft.holdout * 100)}
              error={wrong('holdout')}
              styles={{ description: { width: 'min(24rem, 70vw)' } }}
              onChange={(next) => set({ holdout: Math.min(90, Math.max(0, Number(next) || 0)) / 100 })}
            />
            <Doubt>{doubtful('holdout')}</Doubt>
          </div>
          <QuietHours {...part} />
        </Stack>
      </details>
    </Stack>
  );
}

function QuietHours({ draft, set, wrong, doubtful }: RulePart) {
  const quiet = draft.quietHours;
  const change = (next: Partial<typeof usualQuietHours>) => quiet && set({ quietHours: { ...quiet, ...next } });
  return (
    <Input.Wrapper label="Quiet hours" labelElement="div" error={wrong('quietHours')}>
      <Switch
        mt={6}
        label="Send nothing at night or on some days; it goes out afterwards"
        checked={quiet !== undefined}
        onChange={(event) => set({ quietHours: event.currentTarget.checked ? usualQuietHours : undefined })}
      />
      {quiet ? (
        <Stack gap="sm" mt="sm">
          <Group gap="sm" align="flex-end">
            <TextInput
              type="time"
              label="from"
              value={quiet.from}
              onChange={(event) => change({ from: event.currentTarget.value })}
            />
            <TextInput
              type="time"
              label="to"
              value={quiet.to}
              onChange={(event) => change({ to: event.currentTarget.value })}
            />
            <Select
              label="by the clock of"
              data={[
                { value: 'site', label: 'the site' },
                { value: 'lead', label: 'the person, where known' },
              ]}
              value={quiet.zone}
              allowDeselect={false}
              onChange={(next) => change({ zone: next === 'lead' ? 'lead' : 'site' })}
            />
          </Group>
          <div>
            <Text size="sm" mb={6} id="quiet-days">
              and all day on
            </Text>
            <Chip.Group multiple value={quiet.days} onChange={(days) => change({ days: days as Weekday[] })}>
              <Group gap={6} role="group" aria-labelledby="quiet-days">
                {Object.entries(weekdayNames).map(([day, name]) => (
                  <Chip key={day} value={day} size="sm">
                    {name}
                  </Chip>
                ))}
              </Group>
            </Chip.Group>
          </div>
        </Stack>
      ) : null}
      <Doubt>{doubtful('quietHours')}</Doubt>
    </Input.Wrapper>
  );
}

function isUnusual({ key, quietHours, holdout }: DraftRule): boolean {
  return key !== undefined || quietHours !== undefined || holdout > 0;
}
