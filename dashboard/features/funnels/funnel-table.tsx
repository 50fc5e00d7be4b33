import { Button, Table } from '@mantine/core';
import type { FunnelStepResult } from '../../../collector/contract/funnel.ts';
import { formatCount, formatMoney, formatRate, formatSeconds } from '../../format.ts';
import { Wide } from '../../ui/wide.tsx';
import type { Unit } from './data.ts';
import { stepChange } from './explain.ts';

/** The same numbers as the bars, as a table. */
export function FunnelTable({
  steps,
  before,
  optional,
  currency,
  unit,
  onDrop,
}: {
  steps: FunnelStepResult[];
  /** The same steps in the range compared with. */
  before: FunnelStepResult[] | undefined;
  /** Numbers of the optional steps. */
  optional: ReadonlySet<number>;
  currency: string;
  unit: Unit;
  onDrop: (step: number) => void;
}) {
  const valued = steps.some((step) => step.value !== null);
  const risky = steps.some((step) => step.moneyAtRisk !== null && step.moneyAtRisk !== undefined);
  return (
    <Wide label="Funnel as a table">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Step</Table.Th>
            <Table.Th ta="right" tt="capitalize">
              {unit}s
            </Table.Th>
            {before ? <Table.Th>Compared</Table.Th> : null}
            <Table.Th ta="right">Of first</Table.Th>
            <Table.Th ta="right">Of previous</Table.Th>
            <Table.Th ta="right">Median time</Table.Th>
            <Table.Th ta="right">9 of 10 within</Table.Th>
            {valued ? <Table.Th ta="right">Value</Table.Th> : null}
            {risky ? <Table.Th ta="right">Money lost after</Table.Th> : null}
            <Table.Th ta="right">Left here</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {steps.map((step) => (
            <Table.Tr key={step.index}>
              <Table.Td>
                {step.index}. {step.name}
                {optional.has(step.index) ? ' (optional)' : ''}
              </Table.Td>
              <Table.Td ta="right">{formatCount(step.count)}</Table.Td>
              {before ? <Table.Td>{stepChange(step, before[step.index - 1]) ?? '–'}</Table.Td> : null}
              <Table.Td ta="right">{formatRate(step.rateFromFirst)}</Table.Td>
              <Table.Td ta="right">{step.index === 1 ? '–' : formatRate(step.rateFromPrevious)}</Table.Td>
              <Table.Td ta="right">
                {step.secondsFromPrevious ? formatSeconds(step.secondsFromPrevious.p50) : '–'}
              </Table.Td>
              <Table.Td ta="right">
                {step.secondsFromPrevious ? formatSeconds(step.secondsFromPrevious.p90) : '–'}
              </Table.Td>
              {valued ? <Table.Td ta="right">{formatMoney(step.value, currency) ?? '–'}</Table.Td> : null}
              {risky ? (
                <Table.Td ta="right">
                  {formatMoney(
                    step.moneyAtRisk === null || step.moneyAtRisk === undefined ? null : Math.round(step.moneyAtRisk),
                    currency,
                  ) ?? '–'}
                </Table.Td>
              ) : null}
              <Table.Td ta="right">
                {step.dropped > 0 ? (
                  <Button
                    variant="subtle"
                    color="copper"
                    size="compact-sm"
                    aria-label={`${formatCount(step.dropped)} left after ${step.name}: show them`}
                    onClick={() => onDrop(step.index)}
                  >
                    {formatCount(step.dropped)}
                  </Button>
                ) : (
                  '0'
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
