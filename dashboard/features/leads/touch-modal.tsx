import { Button, Group, Modal, SegmentedControl, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Direction, Outcome, TouchKind } from '../../../collector/contract/leads.ts';
import { outcomeNames, touchNames } from './words.ts';

/** What people tell by hand, the most frequent first. Opened and clicked mails are told by the tool that sends them. */
const told: TouchKind[] = [
  'call',
  'email_sent',
  'email_replied',
  'meeting',
  'appointment_booked',
  'appointment_cancelled',
  'trade_show',
  'letter',
  'sms',
  'chat',
  'other_touch',
];
const withOutcome: TouchKind[] = ['call', 'meeting', 'chat'];
const withDirection: TouchKind[] = ['call', 'sms', 'chat', 'meeting', 'letter', 'other_touch'];
const withPlan: TouchKind[] = ['appointment_booked'];

/** Tells of a call, a mail, a meeting, a letter or an event. */
export function TouchModal({
  opened,
  busy,
  onClose,
  onTell,
}: {
  opened: boolean;
  busy: boolean;
  onClose: () => void;
  onTell: (touch: Record<string, unknown>, said: string) => void;
}) {
  return (
    <Modal opened={opened} onClose={onClose} title="What happened?">
      {opened ? <TouchForm busy={busy} onClose={onClose} onTell={onTell} /> : null}
    </Modal>
  );
}

function TouchForm({
  busy,
  onClose,
  onTell,
}: {
  busy: boolean;
  onClose: () => void;
  onTell: (touch: Record<string, unknown>, said: string) => void;
}) {
  const [kind, setKind] = useState<TouchKind>('call');
  const [direction, setDirection] = useState<Direction>('out');
  const [outcome, setOutcome] = useState<Outcome | null>('answered');
  const [text, setText] = useState('');
  const [at, setAt] = useState('');
  const [plannedAt, setPlannedAt] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onTell(
          {
            kind,
            ...(withDirection.includes(kind) ? { direction } : {}),
            ...(withOutcome.includes(kind) && outcome ? { outcome } : {}),
            ...(text.trim() === '' ? {} : { text: text.trim() }),
            ...(at === '' ? {} : { at: new Date(at).toISOString() }),
            ...(withPlan.includes(kind) && plannedAt !== '' ? { plannedAt: new Date(plannedAt).toISOString() } : {}),
          },
          `${touchNames[kind]} noted.`,
        );
      }}
    >
      <Stack gap="md">
        <Select
          label="Kind"
          data={told.map((value) => ({ value, label: touchNames[value] }))}
          value={kind}
          allowDeselect={false}
          onChange={(next) => setKind(told.find((one) => one === next) ?? 'call')}
        />
        {withDirection.includes(kind) ? (
          <SegmentedControl
            aria-label="Who began it"
            value={direction}
            data={[
              { value: 'out', label: 'We went to them' },
              { value: 'in', label: 'They came to us' },
            ]}
            onChange={(next) => setDirection(next === 'in' ? 'in' : 'out')}
          />
        ) : null}
        {withOutcome.includes(kind) ? (
          <Select
            label="How did it go?"
            data={Object.entries(outcomeNames).map(([value, label]) => ({ value, label }))}
            value={outcome}
            allowDeselect={false}
            onChange={(next) => setOutcome(next as Outcome | null)}
          />
        ) : null}
        {withPlan.includes(kind) ? (
          <TextInput
            type="datetime-local"
            label="When will it be?"
            value={plannedAt}
            onChange={(event) => setPlannedAt(event.currentTarget.value)}
          />
        ) : null}
        <Textarea
          label="What was said"
          autosize
          minRows={2}
          maxLength={4_000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          label="When"
          description="Empty means now."
          value={at}
          onChange={(event) => setAt(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy}>
            Keep it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
