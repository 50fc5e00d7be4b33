import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openState, type State } from '../../collector/state/database.ts';

export interface TestState {
  state: State;
  file: string;
  /** A second connection to the same file, as after a restart. */
  reopen(): Promise<State>;
  remove(): Promise<void>;
}

/** A state store in a file of its own. */
export function testState(): TestState {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-state-'));
  const file = join(folder, 'state.db');
  let state = openState(file);
  return {
    get state() {
      return state;
    },
    file,
    async reopen() {
      await state.close();
      state = openState(file);
      return state;
    },
    async remove() {
      await state.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
