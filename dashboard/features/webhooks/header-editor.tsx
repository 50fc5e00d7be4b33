import { ActionIcon, Button, Input, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { limits } from '../../../collector/contract/limits.ts';
import type { HeaderRow } from './data.ts';
import classes from './webhooks.module.css';

/** Headers that the receiver asks for, such as a key. Values that are stored are never shown again. */
export function HeaderEditor({
  rows,
  problem,
  onChange,
}: {
  rows: HeaderRow[];
  /** What is wrong with a header of this name. */
  problem: (name: string) => string | undefined;
  onChange: (rows: HeaderRow[]) => void;
}) {
  const change = (index: number, next: Partial<HeaderRow>) =>
    onChange(rows.map((row, other) => (other === index ? { ...row, ...next } : row)));
  return (
    <Input.Wrapper
      label="Headers of its own (optional)"
      description="For receivers that ask for a key. A stored value is shown as dots and stays as it is."
      labelElement="div"
    >
      <Stack gap="xs" mt={6}>
        {rows.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row has no identity but its place; its fields are controlled.
          <div key={index} className={classes.header}>
            <TextInput
              aria-label={`Header ${index + 1}: name`}
              placeholder="X-Api-Key"
              value={row.name}
              maxLength={limits.headerNameLength}
              error={row.name === '' ? undefined : problem(row.name.trim())}
              onChange={(event) => change(index, { name: event.currentTarget.value })}
            />
            <TextInput
              aria-label={`Header ${index + 1}: value`}
              placeholder="value"
              value={row.value}
              maxLength={limits.headerValueLength}
              onChange={(event) => change(index, { value: event.currentTarget.value })}
            />
            <ActionIcon
              mt={4}
              aria-label={`Remove header ${index + 1}`}
              onClick={() => onChange(rows.filter((_, other) => other !== index))}
            >
              <IconX size={16} />
            </ActionIcon>
          </div>
        ))}
        {rows.length < limits.customHeaders ? (
          <div>
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconPlus size={14} />}
              onClick={() => onChange([...rows, { name: '', value: '' }])}
            >
              Add header
            </Button>
          </div>
        ) : null}
      </Stack>
    </Input.Wrapper>
  );
}
