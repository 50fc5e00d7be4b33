import { UnstyledButton } from '@mantine/core';
import { IconDropletDown } from '@tabler/icons-react';
import type { FunnelStepResult } from '../../../collector/contract/funnel.ts';
import { formatCount, formatRate, plural } from '../../format.ts';
import { biggestLeak, funnelBars, type Unit } from './data.ts';
import { moneyWords, paceWords, stepChange } from './explain.ts';
import classes from './funnels.module.css';
import { Times } from './times.tsx';

/** The steps as pipes: filled is who came through, hatched is who was lost on the way. Each loss is a button. */
export function FunnelBars({
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
  const bars = funnelBars(steps, optional);
  const worst = biggestLeak(steps, optional)?.from.index;
  return (
    <ol className={classes.bars}>
      {bars.map((bar, index) => (
        <li key={bar.index} className={classes.barItem}>
          <div className={classes.barHead}>
            <span className={classes.barName}>
              <span className={classes.stepNumber}>{bar.index}</span> {bar.name}
              {bar.optional ? <span className={classes.quiet}>optional</span> : null}
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
          <StepWords step={steps[index]} before={before?.[index]} currency={currency} />
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
              {paceWords(steps[index + 1]) === null ? null : (
                <span className={classes.pace}>
                  {paceWords(steps[index + 1])}
                  <Times step={steps[index + 1]} />
                </span>
              )}
            </div>
          ) : null}
        </li>
      ))}
    </ol>
  );
}

/** What is known of a step besides its count: the comparison, and money. */
function StepWords({
  step,
  before,
  currency,
}: {
  step: FunnelStepResult | undefined;
  before: FunnelStepResult | undefined;
  currency: string;
}) {
  const words = step ? [stepChange(step, before), moneyWords(step, currency)].filter((one) => one !== null) : [];
  return words.length === 0 ? null : <p className={classes.stepWords}>{words.join(' · ')}</p>;
}
