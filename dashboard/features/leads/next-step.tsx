import { Button, Group, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconPencil, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { Lead } from '../../../collector/contract/lead-answers.ts';
import { formatInstant, formatRelative } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { dateIn } from '../range/data.ts';
import { FollowUpDates } from './follow-up-dates.tsx';
import classes from './lead-page.module.css';

/** What is to be done next and until when, changed where it stands. */
export function NextStepEditor({
  nextStep,
  onSave,
}: {
  nextStep: Lead['nextStep'];
  onSave: (next: { text: string; at: string } | null) => void;
}) {
  const site = useSite();
  const [editing, setEditing] = useState(false);
  if (editing) {
    return (
      <NextStepForm
        text={nextStep?.text ?? ''}
        at={nextStep ? dateIn(site.timezone, Date.parse(nextStep.at)) : ''}
        onCancel={() => setEditing(false)}
        onSave={(next) => {
          setEditing(false);
          onSave(next);
        }}
        {...(nextStep
          ? {
              onDone: () => {
                setEditing(false);
                onSave(null);
              },
            }
          : {})}
      />
    );
  }
  if (nextStep === null) {
    return (
      <Button size="xs" variant="light" leftSection={<IconPlus size={14} />} onClick={() => setEditing(true)}>
        Say what happens next
      </Button>
    );
  }
  return (
    <UnstyledButton
      className={classes.editable}
      aria-label={`Change the next step: ${nextStep.text}`}
      onClick={() => setEditing(true)}
    >
      <span>
        {nextStep.text}
        <Text component="span" size="sm" c="dimmed" title={formatInstant(nextStep.at, site.timezone)}>
          {' '}
          {formatRelative(nextStep.at, Date.now())}
        </Text>
      </span>
      <IconPencil size={14} stroke={1.6} aria-hidden="true" className={classes.pencil} />
    </UnstyledButton>
  );
}

function NextStepForm({
  text: before,
  at: beforeAt,
  onSave,
  onDone,
  onCancel,
}: {
  text: string;
  /** A date in the site's zone, or empty. */
  at: string;
  onSave: (next: { text: string; at: string }) => void;
  onDone?: () => void;
  onCancel: () => void;
}) {
  const [text, setText] = useState(before);
  const [at, setAt] = useState(beforeAt);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSave({ text: text.trim(), at });
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onCancel();
      }}
    >
      <Stack gap="xs">
        <TextInput
          label="Next step"
          placeholder="Call back about the price"
          value={text}
          maxLength={500}
          autoFocus
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <FollowUpDates value={at} onChange={setAt} />
        <Group gap="xs">
          <Button type="submit" size="xs" disabled={text.trim() === '' || at === ''}>
            Save
          </Button>
          {onDone ? (
            <Button size="xs" variant="default" onClick={onDone}>
              It is done
            </Button>
          ) : null}
          <Button size="xs" variant="subtle" color="gray" onClick={onCancel}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
