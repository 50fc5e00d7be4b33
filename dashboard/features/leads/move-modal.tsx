import { Button, Chip, Group, Modal, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { LeadPatch, LeadStage } from '../../../collector/contract/leads.ts';
import { useSite } from '../../shell/use-site.ts';
import { stageNames } from './words.ts';

/** Stages that are only entered with a reason, and the usual ones. */
export const reasonChoices: Partial<Record<LeadStage, string[]>> = {
  lost: ['Too expensive', 'Chose another', 'No need any more', 'Never reached'],
  nurture: ['Not now', 'No budget yet', 'Next season', 'Wants to think'],
};

const withValue: LeadStage[] = ['proposal', 'won'];

/** Asks what a stage needs: why it is lost or waits, and until when; what an offer is worth. */
export function MoveModal({
  to,
  who,
  busy,
  onMove,
  onClose,
}: {
  /** Null: closed. */
  to: LeadStage | null;
  who: string;
  busy: boolean;
  onMove: (patch: LeadPatch) => void;
  onClose: () => void;
}) {
  return (
    <Modal
      opened={to !== null}
      onClose={onClose}
      title={to === null ? '' : `${who} → ${stageNames[to]}`}
      key={to ?? 'none'}
    >
      {to === null ? null : <MoveForm to={to} busy={busy} onMove={onMove} onClose={onClose} />}
    </Modal>
  );
}

function MoveForm({
  to,
  busy,
  onMove,
  onClose,
}: {
  to: LeadStage;
  busy: boolean;
  onMove: (patch: LeadPatch) => void;
  onClose: () => void;
}) {
  const site = useSite();
  const [reason, setReason] = useState('');
  const [wakeAt, setWakeAt] = useState('');
  const [value, setValue] = useState<number | string>('');
  const choices = reasonChoices[to];
  const needsReason = choices !== undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onMove({
          stage: to,
          ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
          ...(wakeAt === '' ? {} : { wakeAt }),
          ...(typeof value === 'number' ? { value, currency: site.settings.currency } : {}),
        });
      }}
    >
      <Stack gap="md">
        {choices ? (
          <Stack gap="xs">
            <TextInput
              label={to === 'lost' ? 'Why was it lost?' : 'Why does it wait?'}
              value={reason}
              maxLength={200}
              data-autofocus
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            <Chip.Group
              value={reason}
              onChange={(next) => setReason(typeof next === 'string' ? next : (next[0] ?? ''))}
            >
              <Group gap={6}>
                {choices.map((choice) => (
                  <Chip key={choice} value={choice} size="xs" variant="light">
                    {choice}
                  </Chip>
                ))}
              </Group>
            </Chip.Group>
          </Stack>
        ) : null}
        {to === 'nurture' ? (
          <TextInput
            type="date"
            label="Wake it up on"
            description="It also wakes up by itself when the person raises a hand."
            value={wakeAt}
            onChange={(event) => setWakeAt(event.currentTarget.value)}
          />
        ) : null}
        {withValue.includes(to) ? (
          <NumberInput
            label={to === 'won' ? 'What is it worth?' : 'What did you offer?'}
            description="Leave it empty if you do not know."
            prefix={`${site.settings.currency} `}
            min={0}
            thousandSeparator=","
            value={value}
            data-autofocus
            onChange={setValue}
          />
        ) : null}
        {needsReason || withValue.includes(to) ? null : (
          <Text size="sm">They are moved at once. You can move each of them again.</Text>
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={needsReason && reason.trim() === ''}>
            Move to {stageNames[to]}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Whether a move to this stage asks something first. */
export function asksFirst(to: LeadStage): boolean {
  return reasonChoices[to] !== undefined || withValue.includes(to);
}
