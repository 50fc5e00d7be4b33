import { Popover, UnstyledButton } from '@mantine/core';
import type { FunnelStepResult } from '../../../collector/contract/funnel.ts';
import { formatCount } from '../../format.ts';
import { timeBars, timesSentence } from './explain.ts';
import classes from './funnels.module.css';

/** How the times to go on are spread: small bars that open as a list. Nothing where no times are known. */
export function Times({ step }: { step: FunnelStepResult | undefined }) {
  const bars = timeBars(step);
  const sentence = timesSentence(bars);
  if (!step || sentence === null) return null;
  return (
    <Popover position="bottom-end" width={280} withRoles={false}>
      <Popover.Target>
        <UnstyledButton className={classes.times} aria-label={`Times to ${step.name}. ${sentence}`}>
          {bars.map((bar) => (
            <span key={bar.label} style={{ height: `${Math.max(8, bar.height * 100)}%` }} />
          ))}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <p className={classes.timesTitle}>{sentence}</p>
        <ul className={classes.timesList}>
          {bars.map((bar) => (
            <li key={bar.label}>
              <span>{bar.label}</span> <b>{formatCount(bar.count)}</b>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}
