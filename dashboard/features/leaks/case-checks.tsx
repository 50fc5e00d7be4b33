import { VisuallyHidden } from '@mantine/core';
import { IconCircleCheck, IconCircleX, IconClock, IconMinus } from '@tabler/icons-react';
import type { CaseCheck } from '../../../collector/contract/abandonment.ts';
import { formatMoment } from '../../format.ts';
import { checkNames, checkResults } from './data.ts';
import classes from './leaks.module.css';

const marks = { passed: IconCircleCheck, stopped: IconCircleX, waiting: IconClock, skipped: IconMinus };

/** Every check in the order in which it is made, with time and result. */
export function CaseChecks({ checks, timezone }: { checks: CaseCheck[]; timezone: string }) {
  return (
    <ol className={classes.checks}>
      {checks.map(({ check, result, note, at }) => {
        const Mark = marks[result];
        return (
          <li key={check} data-result={result}>
            <Mark className={classes.checkMark} size={18} stroke={1.8} aria-hidden="true" />
            <span>
              <b>{checkNames[check]}</b>
              <VisuallyHidden>: {checkResults[result]}.</VisuallyHidden> {note}
              {at === null ? null : (
                <small>
                  <time dateTime={at}>{formatMoment(at, timezone)}</time>
                </small>
              )}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
