import { Table } from '@mantine/core';
import type { FunnelAnswer } from '../../../collector/contract/funnel.ts';
import { formatCount, formatRate } from '../../format.ts';
import { Wide } from '../../ui/wide.tsx';
import type { Breakdown } from './data.ts';
import { breakdownName, breakdownValue } from './explain.ts';
import classes from './funnels.module.css';

/** The funnel once for each value. The bar under a rate only repeats it. */
export function BreakdownTable({
  breakdown,
  dimension,
}: {
  breakdown: NonNullable<FunnelAnswer['breakdown']>;
  dimension: Breakdown;
}) {
  const steps = breakdown[0]?.steps ?? [];
  return (
    <Wide label={`Funnel by ${breakdownName(dimension)}`}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{breakdownName(dimension)}</Table.Th>
            {steps.map((step) => (
              <Table.Th key={step.index} ta="right">
                {step.index}. {step.name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {breakdown.map((one) => (
            <Table.Tr key={one.key}>
              <Table.Th scope="row" fw={550}>
                {breakdownValue(dimension, one.key)}
              </Table.Th>
              {one.steps.map((step) => (
                <Table.Td key={step.index} ta="right">
                  <b>{formatCount(step.count)}</b>
                  {step.index === 1 ? null : (
                    <>
                      {' '}
                      <span className={classes.quiet}>{formatRate(step.rateFromFirst)}</span>
                      <span className={classes.rateBar} aria-hidden="true">
                        <span style={{ width: `${step.rateFromFirst * 100}%` }} />
                      </span>
                    </>
                  )}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
