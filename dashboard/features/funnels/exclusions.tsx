import { ActionIcon, Button, Group, Input, Select } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { SeenAnswer } from '../../../collector/contract/overview.ts';
import { MatchEditor } from '../../ui/match-editor.tsx';
import { type Exclusion, mostExclusions, requiredSteps, type Step } from './data.ts';
import classes from './funnels.module.css';

/** What ends a try when it happens on the way. */
export function Exclusions({
  exclusions,
  steps,
  seen,
  onChange,
}: {
  exclusions: Exclusion[];
  /** The steps of the builder, between which an exclusion may lie. */
  steps: Step[];
  seen: SeenAnswer | undefined;
  onChange: (exclusions: Exclusion[]) => void;
}) {
  const change = (index: number, next: Exclusion) =>
    onChange(exclusions.map((old, other) => (other === index ? next : old)));
  return (
    <Input.Wrapper label="Leave out who also" description="Does one of these on the way." labelElement="div">
      <div className={classes.exclusions}>
        {exclusions.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an exclusion has no identity but its place; its fields are controlled.
          <div key={index} className={classes.exclusion}>
            <div className={classes.grow}>
              <MatchEditor
                label={`Exclusion ${index + 1}`}
                value={one.match}
                seen={seen}
                onChange={(match) => change(index, { ...one, match })}
              />
              <Between
                label={`Exclusion ${index + 1}`}
                exclusion={one}
                steps={steps}
                onChange={(next) => change(index, next)}
              />
            </div>
            <ActionIcon
              aria-label={`Remove exclusion ${index + 1}`}
              onClick={() => onChange(exclusions.filter((_, other) => other !== index))}
            >
              <IconX size={15} />
            </ActionIcon>
          </div>
        ))}
        <div>
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconPlus size={14} />}
            disabled={exclusions.length >= mostExclusions}
            onClick={() => onChange([...exclusions, { match: { path: '' } }])}
          >
            Add an exclusion
          </Button>
        </div>
      </div>
    </Input.Wrapper>
  );
}

/** After which step and before which one it counts; on the whole way where nothing is said. */
function Between({
  label,
  exclusion,
  steps,
  onChange,
}: {
  label: string;
  exclusion: Exclusion;
  steps: Step[];
  onChange: (exclusion: Exclusion) => void;
}) {
  const required = requiredSteps(steps);
  const [first, second] = required;
  const { match, between } = exclusion;
  if (!between)
    return first && second ? (
      <Button
        size="compact-xs"
        variant="subtle"
        color="gray"
        className={classes.between}
        leftSection={<IconPlus size={13} />}
        aria-label={`${label}: only between two steps`}
        onClick={() => onChange({ match, between: [first, second] })}
      >
        only between two steps…
      </Button>
    ) : null;
  const [from, to] = between;
  const choices = (fits: (number: number) => boolean) =>
    required.filter(fits).map((number) => ({ value: String(number), label: `Step ${number}` }));
  return (
    <Group gap={6} mt={6} align="flex-end">
      <Select
        className={classes.grow}
        size="xs"
        label="After"
        aria-label={`${label}: after step`}
        data={choices((number) => number < (required.at(-1) ?? 0))}
        value={String(from)}
        allowDeselect={false}
        onChange={(next) => {
          const after = Number(next);
          const before = to > after ? to : required.find((number) => number > after);
          if (before !== undefined) onChange({ match, between: [after, before] });
        }}
      />
      <Select
        className={classes.grow}
        size="xs"
        label="Before"
        aria-label={`${label}: before step`}
        data={choices((number) => number > from)}
        value={String(to)}
        allowDeselect={false}
        onChange={(next) => onChange({ match, between: [from, Number(next)] })}
      />
      <Button
        size="compact-xs"
        variant="subtle"
        color="gray"
        aria-label={`${label}: on the whole way`}
        onClick={() => onChange({ match })}
      >
        Remove
      </Button>
    </Group>
  );
}
