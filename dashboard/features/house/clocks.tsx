import { Button, Chip, Group, Input, Select, Stack, Switch, TagsInput, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { Clocks } from '../../../collector/contract/clocks.ts';
import type { Signal } from '../../../collector/contract/signal.ts';
import { DurationInput } from '../../ui/duration-input.tsx';
import { Panel } from '../../ui/panel.tsx';
import { RemoveRow } from '../../ui/remove-row.tsx';
import { stageNames } from '../leads/words.ts';
import { weekdayNames } from '../leaks/rule-draft.ts';
import { signalWords } from './data.ts';
import classes from './house.module.css';
import { MailNote } from './mail-note.tsx';
import { PartFrame } from './part-frame.tsx';
import { SignalEditor } from './signal-editor.tsx';
import type { PartDraft } from './use-part.ts';

const stalledStages = ['new', 'contacted', 'appointment', 'proposal'] as const;

/** How fast a lead is taken and answered, when the house is open, and who is told when nobody does it. */
export function ClockRules() {
  return (
    <PartFrame
      part="clocks"
      about="A clock runs only while the house is open. When it runs out, the lead is neglected, and the one person who is accountable is told."
    >
      {(form) => (
        <>
          <Panel title="Answer and take">
            <Stack gap="lg">
              <Response form={form} />
              <Acceptance form={form} />
              <Accountable form={form} />
            </Stack>
          </Panel>
          <Hours form={form} />
          <Stalled form={form} />
          <Raised form={form} />
        </>
      )}
    </PartFrame>
  );
}

type Form = { form: PartDraft<'clocks'> };

function Response({ form }: Form) {
  const { response } = form.draft;
  const kinds = Object.entries(response.kinds);
  const set = (next: [string, string][]) => form.set({ response: { ...response, kinds: Object.fromEntries(next) } });
  return (
    <Stack gap="sm">
      <DurationInput
        label="Every lead is answered within"
        value={response.other}
        error={form.wrong('response.other')}
        onChange={(other) => form.set({ response: { ...response, other } })}
      />
      {kinds.map(([kind, within], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a kind has no other name than the one that is being typed.
        <div key={index} className={classes.inline}>
          <Text size="xs">A lead about</Text>
          <TextInput
            aria-label={`Kind of lead ${index + 1}`}
            placeholder="quote"
            size="xs"
            w={140}
            value={kind}
            onChange={(event) => set(kinds.with(index, [event.currentTarget.value, within]))}
          />
          <Text size="xs">within</Text>
          <DurationInput
            inline
            label={`Kind of lead ${index + 1}: answered within`}
            value={within}
            error={form.wrong(`response.kinds.${kind}`)}
            onChange={(next) => set(kinds.with(index, [kind, next]))}
          />
          <RemoveRow
            label={`Remove the clock for ${kind}`}
            onClick={() => set(kinds.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      <div>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          disabled={kinds.some(([kind]) => kind === '')}
          onClick={() => set([...kinds, ['', '4h']])}
        >
          Another kind of lead
        </Button>
      </div>
    </Stack>
  );
}

function Acceptance({ form }: Form) {
  const { acceptance } = form.draft;
  return (
    <Group gap="lg" align="flex-end">
      <Switch
        label="The owner has to say that they take it"
        checked={acceptance !== null}
        onChange={(event) => form.set({ acceptance: event.currentTarget.checked ? '4h' : null })}
      />
      {acceptance === null ? null : (
        <DurationInput
          label="within"
          value={acceptance}
          error={form.wrong('acceptance')}
          onChange={(next) => form.set({ acceptance: next })}
        />
      )}
    </Group>
  );
}

function Accountable({ form }: Form) {
  const { accountable } = form.draft;
  const set = (change: Partial<NonNullable<Clocks['accountable']>>) => {
    const next = { name: '', email: '', ...accountable, ...change };
    form.set({ accountable: next.name === '' && next.email === '' ? null : next });
  };
  return (
    <Stack gap={6}>
      <div className={classes.fields}>
        <TextInput
          label="Who is accountable?"
          description="One person who is told when a clock runs out."
          placeholder="Nobody yet"
          value={accountable?.name ?? ''}
          error={form.wrong('accountable.name')}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <TextInput
          label="Their e-mail"
          description="Goes along with the message lead.neglected, too."
          type="email"
          value={accountable?.email ?? ''}
          error={form.wrong('accountable.email')}
          onChange={(event) => set({ email: event.currentTarget.value })}
        />
      </div>
      <MailNote />
    </Stack>
  );
}

function Hours({ form }: Form) {
  const { hours, zone } = form.draft;
  const set = (change: Partial<Clocks['hours']>) => form.set({ hours: { ...hours, ...change } });
  return (
    <Panel title="When the house is open">
      <Stack gap="md">
        <div className={classes.inline}>
          <TextInput
            type="time"
            label="From"
            value={hours.from}
            error={form.wrong('hours.from')}
            onChange={(event) => set({ from: event.currentTarget.value })}
          />
          <TextInput
            type="time"
            label="To"
            value={hours.to}
            error={form.wrong('hours.to')}
            onChange={(event) => set({ to: event.currentTarget.value })}
          />
          <Select
            label="In whose time"
            w={280}
            allowDeselect={false}
            data={[
              { value: 'lead', label: 'Of the lead where it is known' },
              { value: 'site', label: 'Of the site' },
            ]}
            value={zone}
            onChange={(next) => form.set({ zone: next === 'site' ? 'site' : 'lead' })}
          />
        </div>
        <Input.Wrapper label="Days" labelElement="div" error={form.wrong('hours.days')}>
          <Chip.Group multiple value={hours.days} onChange={(days) => set({ days: days as Clocks['hours']['days'] })}>
            <Group gap={6}>
              {Object.entries(weekdayNames).map(([day, name]) => (
                <Chip key={day} value={day} size="xs" variant="light">
                  {name}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
        </Input.Wrapper>
        <TagsInput
          label="Holidays"
          description="As 2026-12-25. On these days no clock runs."
          placeholder={hours.holidays.length === 0 ? '2026-12-25' : ''}
          acceptValueOnBlur
          value={hours.holidays}
          error={form.wrong('hours.holidays.')}
          onChange={(holidays) => set({ holidays: holidays.toSorted() })}
        />
      </Stack>
    </Panel>
  );
}

function Stalled({ form }: Form) {
  const { stalled } = form.draft;
  return (
    <Panel
      title="When a lead goes back to marketing"
      hint="Nobody has worked on it for so long: it goes to nurture by itself, is counted, and lead.recycled is sent."
    >
      <div className={classes.fields}>
        {stalledStages.map((stage) => (
          <Stack key={stage} gap={6}>
            <Switch
              label={stageNames[stage]}
              checked={stalled[stage] !== undefined}
              onChange={(event) => {
                const { [stage]: _, ...rest } = stalled;
                form.set({ stalled: event.currentTarget.checked ? { ...rest, [stage]: '30d' } : rest });
              }}
            />
            {stalled[stage] === undefined ? (
              <Text size="sm" c="dimmed">
                Stays where it is
              </Text>
            ) : (
              <DurationInput
                label={`${stageNames[stage]}: after`}
                value={stalled[stage]}
                error={form.wrong(`stalled.${stage}`)}
                onChange={(next) => form.set({ stalled: { ...stalled, [stage]: next } })}
              />
            )}
          </Stack>
        ))}
      </div>
    </Panel>
  );
}

function Raised({ form }: Form) {
  const { raised } = form.draft;
  const change = (next: Signal[]) => form.set({ raised: next });
  return (
    <Panel
      title="What counts as a raised hand"
      hint="Somebody in nurture or lost who does one of these is hot at once and goes back to sales."
    >
      <Stack gap="sm">
        {raised.map((signal, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two may say the same while one of them is being changed.
          <div key={index} className={classes.rule}>
            <div className={classes.grow}>
              <SignalEditor
                label={`Raised hand ${index + 1}`}
                value={signal}
                error={form.wrong(`raised.${index}.`)}
                onChange={(next) => change(raised.with(index, next))}
              />
            </div>
            <RemoveRow
              mt={6}
              label={`Remove: ${signalWords(signal)}`}
              onClick={() => change(raised.filter((_, at) => at !== index))}
            />
          </div>
        ))}
        <div>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} />}
            onClick={() => change([...raised, { kind: 'form' }])}
          >
            Add one
          </Button>
        </div>
      </Stack>
    </Panel>
  );
}
