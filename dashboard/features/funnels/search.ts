import { dimensionNames } from '../filters/data.ts';
import { type Breakdown, type Exclusion, parseExclusions, parseSteps, type Step } from './data.ts';

/** A funnel as it stands in the address. Absent: the default. */
export interface FunnelSearch {
  steps?: Step[] | undefined;
  window?: string | undefined;
  by?: 'session' | 'lead' | undefined;
  order?: 'strict' | 'any' | undefined;
  exclude?: Exclusion[] | undefined;
  breakdown?: Breakdown | undefined;
  view?: 'table' | 'trend' | undefined;
  /** The step whose drop-off is open. */
  drop?: number | undefined;
  tab?: 'next' | 'why' | undefined;
}

/** Reads the funnel from the address; what does not fit is left out. */
export function parseFunnelSearch(search: Record<string, unknown>): FunnelSearch {
  const steps = parseSteps(search.steps);
  const exclude = parseExclusions(search.exclude);
  const drop = Number(search.drop);
  return {
    ...(steps ? { steps } : {}),
    ...(typeof search.window === 'string' && /^\d{1,9}(s|m|h|d)$/.test(search.window) ? { window: search.window } : {}),
    ...(search.by === 'session' || search.by === 'lead' ? { by: search.by } : {}),
    ...(search.order === 'strict' || search.order === 'any' ? { order: search.order } : {}),
    ...(exclude && exclude.length > 0 ? { exclude } : {}),
    ...(isBreakdown(search.breakdown) ? { breakdown: search.breakdown } : {}),
    ...(search.view === 'table' || search.view === 'trend' ? { view: search.view } : {}),
    ...(Number.isInteger(drop) && drop > 0 ? { drop } : {}),
    ...(search.tab === 'next' || search.tab === 'why' ? { tab: search.tab } : {}),
  };
}

function isBreakdown(value: unknown): value is Breakdown {
  return typeof value === 'string' && (Object.hasOwn(dimensionNames, value) || /^prop:.{1,64}$/.test(value));
}
