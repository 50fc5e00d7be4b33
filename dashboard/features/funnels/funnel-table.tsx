import { Button, Table } from '@mantine/core';
import type { FunnelStepResult } from '../../../collector/contract/funnel.ts';
import { formatCount, formatRate, formatSeconds } from '../../format.ts';
import { Wide } from '../../ui/wide.tsx';
import type { Unit } from './data.ts';

/** The same numbers as the bars, as a table. */
export function FunnelTable({
  steps,
  unit,
  onDrop,
}: {
  steps: FunnelStepResult[];
  unit: Unit;
  onDrop: (step: number) => void;
}) {
  return (
    <Wide label="Funnel as a table">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Step</Table.Th>
            <Table.Th ta="right">{unit === 'visitor' ? 'Visitors' : 'Sessions'}</Table.Th>
            <Table.Th ta="right">Of first</Table.Th>
            <Table.Th ta="right">Of previous</Table.Th>
            <Table.Th ta="right">Median time</Table.Th>
            <Table.Th ta="right">Left here</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {steps.map((step) => (
            <Table.Tr key={step.index}>
              <Table.Td>
                {step.index}. {step.name}
              </Table.Td>
              <Table.Td ta="right">{formatCount(step.count)}</Table.Td>
              <Table.Td ta="right">{formatRate(step.rateFromFirst)}</Table.Td>
              <Table.Td ta="right">{step.index === 1 ? '–' : formatRate(step.rateFromPrevious)}</Table.Td>
              <Table.Td ta="right">
                {step.secondsFromPrevious ? formatSeconds(step.secondsFromPrevious.p50) : '–'}
              </Table.Td>
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
