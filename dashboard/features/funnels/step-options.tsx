import { Group, Switch, TextInput } from '@mantine/core';
import { limits } from '../../../collector/contract/limits.ts';
import type { Step } from './data.ts';
import classes from './funnels.module.css';

/** What a step is called, and whether it may be left out. */
export function StepOptions({
  step,
  number,
  onChange,
}: {
  step: Step;
  number: number;
  onChange: (step: Step) => void;
}) {
  const { name, optional, ...rest } = step;
  return (
    <Group gap="sm" mt={6} wrap="nowrap" align="center">
      <TextInput
        className={classes.grow}
        size="xs"
        aria-label={`What step ${number} is called`}
        placeholder="Name (optional)"
        maxLength={limits.nameLength}
        value={name ?? ''}
        onChange={({ currentTarget: { value } }) =>
          onChange({ ...rest, ...(optional ? { optional } : {}), ...(value === '' ? {} : { name: value }) })
        }
      />
      {number === 1 ? null : (
        <Switch
          size="xs"
          label="Optional"
          aria-label={`Step ${number} is optional`}
          checked={optional ?? false}
          onChange={({ currentTarget: { checked } }) =>
            onChange({ ...rest, ...(name ? { name } : {}), ...(checked ? { optional: true } : {}) })
          }
        />
      )}
    </Group>
  );
}
