import type { LoadIntents } from './core.ts';
import { type Run, startTracker } from './start-tracker.ts';
import type { TagSettings } from './tag-settings.ts';

/** `window.telltale`: the stub of the page before we came, our function afterwards. These names are read across versions. */
interface PageFunction {
  (...args: unknown[]): void;
  /** Calls made before the script was there. */
  q?: Iterable<unknown>[] | undefined;
  /** One tracker for each site. */
  t?: Record<string, Run>;
}

/**
 * Starts the tracker of a site unless this page has it, and makes `window.telltale` reach it. A second tag of the same site, a script
 * that Turbo runs again (https://github.com/turbolinks/turbolinks/issues/73) or the package next to the tag then count nothing twice.
 */
export function joinPage(settings: TagSettings, loadIntents: LoadIntents): Run {
  const page = window as { telltale?: PageFunction };
  const { q, t = {} } = page.telltale ?? {};
  const running = t[settings.site];
  if (running) return running;

  const run = startTracker(settings, loadIntents);
  t[settings.site] = run;
  const all = (...args: unknown[]) => {
    for (const each of Object.values(t)) each(args);
  };
  page.telltale = Object.assign(all, { q, t });
  q?.forEach(run);
  return run;
}
