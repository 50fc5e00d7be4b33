import { ActionIcon, Button, Group, Select, Stack } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconX } from '@tabler/icons-react';
import { limits } from '../../../collector/contract/limits.ts';
import type { SeenAnswer } from '../../../collector/contract/overview.ts';
import { formatDuration } from '../../format.ts';
import { MatchEditor } from '../../ui/match-editor.tsx';
import { Panel } from '../../ui/panel.tsx';
import { dimensionNames } from '../filters/data.ts';
import {
  type Breakdown,
  type Exclusion,
  moveStep,
  type Order,
  orderNames,
  type Step,
  type Unit,
  windows,
} from './data.ts';
import { Exclusions } from './exclusions.tsx';
import { type FollowUpStep, followUpStepOf } from './follow-up.ts';
import classes from './funnels.module.css';
import { StepOptions } from './step-options.tsx';

/** The steps in order, moved with buttons, and what counts as one try. */
export function Builder({
  steps,
  seen,
  window,
  unit,
  order,
  breakdown,
  entryProps,
  exclusions,
  followUp,
  onSteps,
  onWindow,
  onUnit,
  onOrder,
  onBreakdown,
  onExclusions,
}: {
  steps: Step[];
  seen: SeenAnswer | undefined;
  window: string;
  unit: Unit;
  order: Order;
  breakdown: Breakdown | undefined;
  /** Properties that events of the first step have had: a breakdown goes by what held there. */
  entryProps: string[];
  exclusions: Exclusion[];
  /** What people do with leads, where they do: steps beside those of the page. */
  followUp: readonly FollowUpStep[];
  onSteps: (steps: Step[]) => void;
  onWindow: (window: string) => void;
  onUnit: (unit: Unit) => void;
  onOrder: (order: Order) => void;
  onBreakdown: (breakdown: Breakdown | undefined) => void;
  onExclusions: (exclusions: Exclusion[]) => void;
}) {
  const shown: Step[] = steps.length > 0 ? steps : [{ match: { path: '' } }];
  return (
    <Panel title="Steps">
      <ol className={classes.steps}>
        {shown.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step has no identity but its place; its fields are controlled.
          <li key={index} className={classes.step}>
            <div className={classes.stepHead}>
              <span className={classes.stepNumber}>{index + 1}</span>
              <Group gap={2}>
                <ActionIcon
                  aria-label={`Move step ${index + 1} up`}
                  disabled={index === 0}
                  onClick={() => onSteps(moveStep(shown, index, -1))}
                >
                  <IconArrowUp size={15} />
                </ActionIcon>
                <ActionIcon
                  aria-label={`Move step ${index + 1} down`}
                  disabled={index === shown.length - 1}
                  onClick={() => onSteps(moveStep(shown, index, 1))}
                >
                  <IconArrowDown size={15} />
                </ActionIcon>
                <ActionIcon
                  aria-label={`Remove step ${index + 1}`}
                  disabled={shown.length === 1}
                  onClick={() => onSteps(shown.filter((_, other) => other !== index))}
                >
                  <IconX size={15} />
                </ActionIcon>
              </Group>
            </div>
            <MatchEditor
              label={`Step ${index + 1}`}
              value={step.match}
              seen={seen}
              followUp={followUp}
              onChange={(match) => {
                // A name belongs to the match it was given for; a step of the follow-up has one.
                const { name: _, ...rest } = step;
                const named = followUpStepOf(match);
                onSteps(shown.map((one, other) => (other === index ? { ...rest, match, ...named } : one)));
              }}
            />
            <StepOptions
              step={step}
              number={index + 1}
              onChange={(next) => onSteps(shown.map((one, other) => (other === index ? next : one)))}
            />
          </li>
        ))}
      </ol>
      <Stack gap="md" mt="sm">
        <Button
          variant="default"
          leftSection={<IconPlus size={16} />}
          disabled={shown.length >= limits.funnelSteps}
          onClick={() => onSteps([...shown, { match: { path: '' } }])}
        >
          Add step
        </Button>
        <Group grow gap="sm" align="flex-end">
          <Select
            label="Within"
            data={
              windows.some((one) => one.value === window)
                ? windows
                : [...windows, { value: window, label: formatDuration(window) }]
            }
            value={window}
            allowDeselect={false}
            onChange={(next) => next && onWindow(next)}
          />
          <Select
            label="Count"
            data={[
              { value: 'visitor', label: 'Visitors' },
              { value: 'session', label: 'Sessions' },
              { value: 'lead', label: 'Leads' },
            ]}
            value={unit}
            allowDeselect={false}
            onChange={(next) => onUnit(next === 'session' || next === 'lead' ? next : 'visitor')}
          />
        </Group>
        <Select
          label="Order"
          data={Object.entries(orderNames).map(([value, label]) => ({ value, label }))}
          value={order}
          allowDeselect={false}
          onChange={(next) => onOrder(next === 'strict' || next === 'any' ? next : 'ordered')}
        />
        <Select
          label="Break down by"
          placeholder="Nothing"
          clearable
          searchable
          clearButtonProps={{ 'aria-label': 'Break down by nothing' }}
          data={breakdownOptions(breakdown, entryProps)}
          value={breakdown ?? null}
          onChange={(next) => onBreakdown(next === null ? undefined : (next as Breakdown))}
        />
        <Exclusions exclusions={exclusions} steps={shown} seen={seen} onChange={onExclusions} />
      </Stack>
    </Panel>
  );
}

/** Dimensions, properties of the first step, and the property that a link asks for. */
function breakdownOptions(breakdown: Breakdown | undefined, entryProps: string[]) {
  const asked = breakdown?.startsWith('prop:') ? [breakdown.slice('prop:'.length)] : [];
  const props = [...new Set([...asked, ...entryProps])];
  return [
    { group: 'Visits', items: Object.entries(dimensionNames).map(([value, label]) => ({ value, label })) },
    ...(props.length > 0
      ? [{ group: 'Properties of step 1', items: props.map((key) => ({ value: `prop:${key}`, label: key })) }]
      : []),
  ];
}
