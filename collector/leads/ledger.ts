import type { State } from '../state/database.ts';
import type { Reaction } from './record.ts';

/** What every change of the ledger needs. */
export interface Ledger {
  state: State;
  now: () => number;
  /** What the house does by itself when something happens to a lead. */
  reactions: readonly Reaction[];
}
