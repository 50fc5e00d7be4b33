import { ActionIcon, Button, Group, TextInput, UnstyledButton } from '@mantine/core';
import { IconCheck, IconPencil, IconX } from '@tabler/icons-react';
import { type HTMLInputTypeAttribute, useState } from 'react';
import classes from './lead-page.module.css';

/** A value that becomes a field when it is pressed. Enter keeps it, Escape does not. */
export function EditInPlace({
  label,
  value,
  type = 'text',
  none,
  onSave,
}: {
  label: string;
  value: string | null;
  type?: HTMLInputTypeAttribute;
  /** What stands there where nothing is known. */
  none: string;
  /** Null: nothing is known of it any more. */
  onSave: (value: string | null) => void;
}) {
  const [text, setText] = useState<string | null>(null);
  if (text === null) {
    return (
      <UnstyledButton
        className={classes.editable}
        aria-label={`Change ${label.toLowerCase()}: ${value ?? none}`}
        onClick={() => setText(value ?? '')}
      >
        <span className={value === null ? classes.unknown : undefined}>{value ?? none}</span>
        <IconPencil size={14} stroke={1.6} aria-hidden="true" className={classes.pencil} />
      </UnstyledButton>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const next = text.trim() || null;
        if (next !== value) onSave(next);
        setText(null);
      }}
    >
      <Group gap={4} wrap="nowrap">
        <TextInput
          aria-label={label}
          size="xs"
          type={type}
          value={text}
          autoFocus
          className={classes.grow}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setText(null);
          }}
        />
        <Button type="submit" size="compact-sm" aria-label={`Save ${label.toLowerCase()}`}>
          <IconCheck size={15} />
        </Button>
        <ActionIcon aria-label="Leave it as it was" onClick={() => setText(null)}>
          <IconX size={15} />
        </ActionIcon>
      </Group>
    </form>
  );
}
