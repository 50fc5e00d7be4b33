import { run } from './commands.ts';
import type { LoadIntents } from './core.ts';
import { startTracker } from './start-tracker.ts';
import type { TagSettings } from './tag-settings.ts';
import { whenSeen } from './when-seen.ts';

type Call = Iterable<unknown>;

/** `window.telltale`: the stub of the page before we came, our function afterwards. These names are read across versions. */
export interface PageFunction {
  (...args: unknown[]): unknown;
  /** Calls made before a script was there. */
  q?: Call[];
  /** The sites that have a tracker here. */
  t?: string;
}

/**
 * Makes `window.telltale` reach the tracker of a site, and starts it when the page is seen. A second tag of the same site, a script
 * that Turbo runs again (https://github.com/turbolinks/turbolinks/issues/73) or the package next to the tag count nothing twice.
 */
export function joinPage(settings: TagSettings, loadIntents: LoadIntents): void {
  const page = window as { telltale?: PageFunction };
  const before = page.telltale;
  const { q = [], t = '' } = before ?? {};
  if (t.includes(settings.site)) return;

  const calls = [...q];
  let take = (call: Call): unknown => calls.push(call);
  page.telltale = Object.assign(
    (...call: unknown[]) => {
      if (t) before?.(...call);
      take(call);
    },
    { q, t: t + settings.site },
  );
  whenSeen(() => {
    startTracker(settings, loadIntents);
    take = run;
    calls.forEach(run);
  });
}
