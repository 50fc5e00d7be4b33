import { type Run, startTracker } from './start-tracker.ts';
import type { TagSettings } from './tag-settings.ts';

/** `window.telltale`: the stub of the page before we came, our function afterwards. These names are read across versions. */
interface PageFunction {
  (...args: unknown[]): void;
  /** Calls made before the script was there. */
  q?: ArrayLike<unknown>[] | undefined;
  /** One tracker for each site. */
  t?: Record<string, Run>;
}

/**
 * Starts the tracker of a site unless this page has it, and makes `window.telltale` reach it. A second tag of the same site, a script
 * that Turbo runs again (https://github.com/turbolinks/turbolinks/issues/73) or the package next to the tag then count nothing twice.
 */
export function joinPage(settings: TagSettings): Run {
  const page = window as { telltale?: PageFunction };
  const before = page.telltale;
  const trackers = before?.t ?? {};
  const calls = before?.q;
  const running = trackers[settings.site];
  if (running) return running;

  const run = startTracker(settings);
  trackers[settings.site] = run;
  const all: PageFunction = (...args) => {
    for (const each of Object.values(trackers)) each(args);
  };
  all.t = trackers;
  all.q = calls;
  page.telltale = all;
  calls?.forEach(run);
  return run;
}
