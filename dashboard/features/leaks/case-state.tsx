import type { CaseState } from '../../../collector/contract/names.ts';
import { caseStateHelp, caseStateNames } from './data.ts';
import classes from './leaks.module.css';

/** The state as a word with a mark whose shape differs too, not only the colour. */
export function CaseStateMark({ state }: { state: CaseState }) {
  return (
    <span className={classes.state} data-state={state} title={caseStateHelp[state]}>
      <span className={classes.stateDot} aria-hidden="true" />
      {caseStateNames[state]}
    </span>
  );
}
