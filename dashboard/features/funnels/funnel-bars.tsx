import { UnstyledButton } from '@mantine/core';
import { IconDropletDown } from '@tabler/icons-react';
import type { FunnelStepResult } from '../../../collector/contract/funnel.ts';
import { formatCount, formatRate, formatSeconds, plural } from '../../format.ts';
import { biggestLeak, funnelBars, type Unit } from './data.ts';
import classes from './funnels.module.css';

/** The steps as pipes: filled is who came through, hatched is who was lost on the way. Each loss is a button. */
export function FunnelBars({
  steps,
  unit,
  onDrop,
}: {
  steps: FunnelStepResult[];
  unit: Unit;
  onDrop: (step: number) => void;
}) {
  const bars = funnelBars(steps);
  const worst = biggestLeak(steps)?.from.index;
  return (
    <ol className={classes.bars}>
      {bars.map((bar, index) => (
        <li key={bar.index} className={classes.barItem}>
          <div className={classes.barHead}>
            <span className={classes.barName}>
              <span className={classes.stepNumber}>{bar.index}</span> {bar.name}
            </span>
            <span className={classes.barNumbers}>
              <b>{formatCount(bar.count)}</b>
              <span title="Of the first step">{formatRate(bar.rateFromFirst)}</span>
            </span>
          </div>
          <div className={classes.pipe} aria-hidden="true">
            <span className={classes.through} style={{ width: `${bar.share * 100}%` }} />
            <span className={classes.lost} style={{ width: `${bar.lostShare * 100}%` }} />
          </div>
          {index < bars.length - 1 ? (
            <div className={classes.between}>
              {bar.dropped > 0 ? (
                <UnstyledButton
                  className={classes.drop}
                  data-worst={bar.index === worst || undefined}
                  onClick={() => onDrop(bar.index)}
                >
                  <IconDropletDown size={16} stroke={1.7} aria-hidden="true" />
                  {plural(bar.dropped, unit)} left here ({formatRate(bar.dropRate)})
                </UnstyledButton>
              ) : (
                <span className={classes.noDrop}>Nobody left here</span>
              )}
              {bars[index + 1]?.secondsFromPrevious === null ? null : (
                <span className={classes.pace}>
                  half go on within {formatSeconds(bars[index + 1]?.secondsFromPrevious ?? 0)}
                </span>
              )}
            </div>
          ) : null}
        </li>
      ))}
    </ol>
  );
}
