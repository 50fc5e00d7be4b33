import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openState, type State } from '../../collector/state/database.ts';
import { loadSites, type SiteRecord } from '../../collector/state/sites.ts';
import { tempFolder } from './temp-folder.ts';

/** A state store that is kept nowhere, with one site: for tests that make thousands of changes and die with none of them. */
export async function memoryState(now: () => number): Promise<Pick<TestState, 'state' | 'site'>> {
  const state = openState(':memory:');
  onTestFinished(() => state.close());
  const sites = await loadSites(state, now);
  return { state, site: await sites.create({ domain: 'example.com', timezone: 'Europe/Berlin' }) };
}

export interface TestState {
  state: State;
  /** Site 1, example.com, in Berlin. */
  site: SiteRecord;
  /** Closes the store and opens the same file again, as a restart does. */
  reopen(): Promise<State>;
}

/** A state store in a file of its own, with one site; gone when the test is. */
export async function testState(now: () => number): Promise<TestState> {
  const file = join(tempFolder(), 'state.db');
  let state = openState(file);
  onTestFinished(() => state.close());
  const sites = await loadSites(state, now);
  const site = await sites.create({ domain: 'example.com', timezone: 'Europe/Berlin' });
  return {
    get state() {
      return state;
    },
    site,
    async reopen() {
      await state.close();
      state = openState(file);
      return state;
    },
  };
}
