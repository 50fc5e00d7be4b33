import type { HoldoutGroup, HoldoutReport } from '../contract/rule.ts';
import { durationMs } from '../contract/time.ts';
import type { State } from '../state/database.ts';
import type { RuleBook } from '../state/rules.ts';
import type { SiteRecord } from '../state/sites.ts';

export interface HoldoutDependencies {
  state: State;
  rules: Pick<RuleBook, 'get' | 'version'>;
  now: () => number;
}

/** Fewer in a group, and a handful of people decides what the report says. */
const leastCases = 50;
/** Fewer recoveries in both groups together, and the interval is wider than any effect. */
const leastRecovered = 10;

/**
 * Do the messages of a rule bring people back? Compares those who were written to with those who were held out: chance decided who
 * is in which group. Each person counts once, by the first case of the range, and only when its recovery window is over.
 */
export async function holdoutReport(
  { state, rules, now }: HoldoutDependencies,
  site: SiteRecord,
  options: { ruleId: string; from?: string | undefined; to?: string | undefined },
): Promise<HoldoutReport> {
  const rule = rules.get(site.id, options.ruleId);
  const rows = await state.db
    .selectFrom('cases')
    .select([
      'person',
      'visitor_id',
      'rule_version',
      'reason',
      'abandoned_at',
      'recovered_at',
      'value',
      'currency',
      'recovered_value',
      'recovered_currency',
    ])
    .where('site_id', '=', site.id)
    .where('rule_id', '=', options.ruleId)
    .where('abandoned_at', 'is not', null)
    // Whoever was not written to for another reason is in neither group.
    .where((eb) => eb.or([eb('state', '!=', 'suppressed'), eb('reason', '=', 'holdout')]))
    .$if(options.from !== undefined, (query) => query.where('occurred_at', '>=', options.from ?? ''))
    .$if(options.to !== undefined, (query) => query.where('occurred_at', '<', options.to ?? ''))
    .orderBy('abandoned_at')
    .orderBy('id')
    .execute();
  const currency = site.settings.currency;
  const seen = new Set<string>();
  const groups = { written: newTally(), heldOut: newTally() };
  let undecided = 0;
  for (const row of rows) {
    const version = rules.version(options.ruleId, row.rule_version);
    const person = row.person ?? row.visitor_id;
    // Without a share nobody could have been held out.
    if (!version || version.holdout === 0 || seen.has(person)) continue;
    seen.add(person);
    if (Date.parse(row.abandoned_at ?? '') + durationMs(version.recoveryWindow) >= now()) {
      undecided += 1;
      continue;
    }
    const group = row.reason === 'holdout' ? groups.heldOut : groups.written;
    group.cases += 1;
    if (row.recovered_at === null) continue;
    group.recovered += 1;
    const money =
      row.recovered_value === null
        ? { value: row.value, currency: row.currency }
        : { value: row.recovered_value, currency: row.recovered_currency };
    if (!money.currency || money.currency === currency) group.value += money.value;
  }
  return {
    rule: rule.name,
    ruleId: rule.id,
    share: rule.holdout,
    undecided,
    ...compare({ ...groups, currency, hasHoldout: rule.holdout > 0 || groups.heldOut.cases > 0 }),
  };
}

type Tally = Omit<HoldoutGroup, 'rate'>;
type Comparison = Omit<HoldoutReport, 'rule' | 'ruleId' | 'share' | 'undecided'>;

function newTally(): Tally {
  return { cases: 0, recovered: 0, value: 0 };
}

/** What two groups say about each other. Pure. */
export function compare(groups: { written: Tally; heldOut: Tally; currency: string; hasHoldout: boolean }): Comparison {
  const { written, heldOut, currency, hasHoldout } = groups;
  const needed = {
    written: Math.max(0, leastCases - written.cases),
    heldOut: Math.max(0, leastCases - heldOut.cases),
  };
  const isEnough =
    needed.written === 0 && needed.heldOut === 0 && written.recovered + heldOut.recovered >= leastRecovered;
  const difference = isEnough ? differenceOfShares(written, heldOut) : null;
  const verdict = !hasHoldout
    ? 'no-holdout'
    : difference === null
      ? 'not-enough'
      : difference.low > 0
        ? 'more-come-back'
        : difference.high < 0
          ? 'fewer-come-back'
          : 'no-difference';
  return {
    verdict,
    sentence: sentenceOf(verdict, { written, heldOut, difference, needed }),
    written: withRate(written),
    heldOut: withRate(heldOut),
    difference,
    money: {
      currency,
      recovered: written.value,
      becauseOfMessages: isEnough ? written.value - (heldOut.value / heldOut.cases) * written.cases : null,
    },
    needed,
  };
}

function withRate(tally: Tally): HoldoutGroup {
  return { ...tally, rate: tally.cases === 0 ? null : tally.recovered / tally.cases };
}

/**
 * Difference of two shares with its 95 % interval: Newcombe's method 10, which combines the Wilson intervals of both and, unlike the
 * usual ±1.96 standard errors, holds for small groups and shares near 0 (Newcombe 1998, Statistics in Medicine 17:873).
 */
export function differenceOfShares(
  one: Pick<Tally, 'cases' | 'recovered'>,
  other: Pick<Tally, 'cases' | 'recovered'>,
): { rate: number; low: number; high: number } {
  const [a, b] = [wilson(one), wilson(other)];
  const rate = a.share - b.share;
  return {
    rate,
    low: rate - Math.hypot(a.share - a.low, b.high - b.share),
    high: rate + Math.hypot(a.high - a.share, b.share - b.low),
  };
}

const z95 = 1.959964;

function wilson({ cases, recovered }: Pick<Tally, 'cases' | 'recovered'>) {
  const share = recovered / cases;
  const middle = share + z95 ** 2 / (2 * cases);
  const reach = z95 * Math.sqrt((share * (1 - share)) / cases + z95 ** 2 / (4 * cases ** 2));
  const scale = 1 + z95 ** 2 / cases;
  return { share, low: (middle - reach) / scale, high: (middle + reach) / scale };
}

function sentenceOf(
  verdict: HoldoutReport['verdict'],
  {
    written,
    heldOut,
    difference,
    needed,
  }: Pick<Comparison, 'difference' | 'needed'> & { written: Tally; heldOut: Tally },
): string {
  const rates = `${percent(written.recovered / written.cases)} of those who were written to came back, ${percent(heldOut.recovered / heldOut.cases)} of those who were not`;
  const between = difference ? `between ${points(difference.low)} and ${points(difference.high)} points` : '';
  switch (verdict) {
    case 'no-holdout':
      return 'Nobody is held out, so nobody knows who would have come back without a message. Set a share to hold out.';
    case 'not-enough': {
      const missing = [
        ...(needed.written > 0 ? [`${needed.written} more who are written to`] : []),
        ...(needed.heldOut > 0 ? [`${needed.heldOut} more who are held out`] : []),
      ];
      return `Not enough cases yet to tell a difference from chance${missing.length > 0 ? `: it takes ${missing.join(' and ')}` : ': too few came back at all'}.`;
    }
    case 'more-come-back':
      return `The messages work: ${rates} (${between} more).`;
    case 'fewer-come-back':
      return `Fewer come back with a message: ${rates} (the difference is ${between}).`;
    case 'no-difference':
      return `No difference that could not be chance: ${rates} (the difference is ${between}).`;
  }
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`;
}

function points(share: number): string {
  return String(Math.round(share * 1000) / 10);
}
