import { Table } from '@mantine/core';
import type { BacktestAnswer } from '../../../collector/contract/rule.ts';
import { formatDuration, formatRate } from '../../format.ts';
import classes from './leaks.module.css';
import { curvePoints } from './rule-draft.ts';

/** Of those who finish, how many have by then. Drawn for the eye, with the same numbers as a table below. */
export function WaitCurve({ curve, wait }: { curve: BacktestAnswer['waitCurve']; wait: string }) {
  const points = curvePoints(curve);
  const chosen = points.find((point) => point.wait === wait);
  return (
    <div className={classes.curve}>
      <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
        <line x1="0" x2="100" y1="10" y2="10" className={classes.curveGoal} />
        {chosen ? <line x1={chosen.x} x2={chosen.x} y1="0" y2="100" className={classes.curveChosen} /> : null}
        <polyline points={points.map(({ x, y }) => `${x},${y}`).join(' ')} className={classes.curveLine} />
      </svg>
      <div className={classes.curveEnds} aria-hidden="true">
        <span>{points[0] ? formatDuration(points[0].wait) : ''}</span>
        <span>9 of 10 at the dotted line</span>
        <span>{formatDuration(points.at(-1)?.wait ?? '')}</span>
      </div>
      <details className={classes.twin}>
        <summary>As a table</summary>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Wait</Table.Th>
              <Table.Th ta="right">Have finished</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {points.map((point) => (
              <Table.Tr key={point.wait}>
                <Table.Td>
                  {formatDuration(point.wait)}
                  {point.wait === wait ? ' (yours)' : ''}
                </Table.Td>
                <Table.Td ta="right">{formatRate(point.finished)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </details>
    </div>
  );
}
