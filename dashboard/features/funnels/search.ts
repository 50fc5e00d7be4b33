import type { Range } from '../../../collector/contract/time.ts';
import { dimensionNames } from '../filters/data.ts';
import { dateIn } from '../range/data.ts';
import { type Breakdown, type Exclusion, parseExclusions, parseSteps, type Step } from './data.ts';

/** A funnel as it stands in the address. Absent: the default. */
export interface FunnelSearch {
  steps?: Step[] | undefined;
  window?: string | undefined;
  by?: 'session' | 'lead' | undefined;
  order?: 'strict' | 'any' | undefined;
  exclude?: Exclusion[] | undefined;
  /** An instant at which counting ends before the range does: that of the report whose number was opened. */
  until?: string | undefined;
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
    ...(isInstant(search.until) ? { until: search.until } : {}),
    ...(isBreakdown(search.breakdown) ? { breakdown: search.breakdown } : {}),
    ...(search.view === 'table' || search.view === 'trend' ? { view: search.view } : {}),
    ...(Number.isInteger(drop) && drop > 0 ? { drop } : {}),
    ...(search.tab === 'next' || search.tab === 'why' ? { tab: search.tab } : {}),
  };
}

/** The range of a funnel that may end within its last day; an end outside the range says nothing. */
export function rangeUntil(range: Range, until: string | undefined, timezone: string): Range {
  if (until === undefined) return range;
  const day = dateIn(timezone, Date.parse(until));
  return day >= range.from.slice(0, 10) && day < range.to.slice(0, 10) ? { ...range, to: until } : range;
}

function isInstant(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value));
}

function isBreakdown(value: unknown): value is Breakdown {
  return typeof value === 'string' && (Object.hasOwn(dimensionNames, value) || /^prop:.{1,64}$/.test(value));
}
