import { type Kysely, sql } from 'kysely';
import type { RoiAnswer, RoiRow, StoredCost } from '../contract/roi.ts';
import type { Span } from '../queries/range.ts';
import type { StateSchema } from '../state/schema.ts';
import { listCosts } from '../state/source-costs.ts';
import type { LeadSelection } from './counted-leads.ts';

export interface RoiQuestion {
  siteId: number;
  span: Span;
  /** The same as dates of the site's zone, half-open: what costs are cut by. */
  dates: { from: string; to: string };
  by: 'first' | 'last';
  currency: string;
  nowMs: number;
}

type Counted = Pick<RoiRow, 'leads' | 'qualified' | 'won' | 'revenue' | 'leaked'>;

const inWords = {
  first: 'Each lead belongs to the source it came from first.',
  last: 'Each lead belongs to the source it came from last before now.',
};

/** What sources cost and what became of the leads that began in a range. Every lead is in one row; so is every cost. */
export async function sourceRoi(db: Kysely<StateSchema>, question: RoiQuestion): Promise<RoiAnswer> {
  const { by, currency, dates } = question;
  const { rows: counted } = await sql<Counted & { source: string; campaign: string }>`
    SELECT source, campaign, count(*) AS leads, sum(is_qualified) AS qualified, sum(is_won) AS won, sum(is_won * value) AS revenue, sum(is_leaking) AS leaked
    FROM (${people(question)}) GROUP BY source, campaign`.execute(db);
  const costs = await listCosts(db, question.siteId);
  const notCounted = costs
    .filter((cost) => cost.currency !== currency && shareOf(cost, dates) > 0)
    .map(
      ({ amount, source, ...cost }) => `${amount} ${cost.currency} for ${source}: costs are counted in ${currency}.`,
    );
  const rows = new Map<string, RoiRow>();
  const row = (source: string, campaign: string): RoiRow => {
    const key = JSON.stringify([source, campaign]);
    const known = rows.get(key) ?? {
      source,
      campaign,
      ...withRates({ leads: 0, qualified: 0, won: 0, revenue: 0, leaked: 0 }, 0),
    };
    rows.set(key, known);
    return known;
  };
  for (const { source, campaign, ...counts } of counted) Object.assign(row(source, campaign), counts);
  for (const cost of costs) {
    if (cost.currency === currency && shareOf(cost, dates) > 0) {
      row(cost.source, cost.campaign).cost += cost.amount * shareOf(cost, dates);
    }
  }
  const all = [...rows.values()].map(({ source, campaign, cost, ...counts }) => ({
    source,
    campaign,
    ...withRates(counts, cost),
  }));
  const sum = (key: keyof Counted | 'cost') => all.reduce((total, one) => total + one[key], 0);
  const totals = {
    leads: sum('leads'),
    qualified: sum('qualified'),
    won: sum('won'),
    revenue: sum('revenue'),
    leaked: sum('leaked'),
  };
  return {
    by,
    attribution: inWords[by],
    currency,
    rows: all.toSorted(
      (one, other) => other.leads - one.leads || other.cost - one.cost || (one.source < other.source ? -1 : 1),
    ),
    total: withRates(totals, sum('cost')),
    notCounted,
  };
}

/** The leads behind one number of the report. */
export function roiLeads(
  question: RoiQuestion,
  { source, campaign, of }: { source: string; campaign: string; of: 'leads' | 'qualified' | 'won' | 'leaked' },
): LeadSelection {
  const only = { leads: sql`1`, qualified: sql`is_qualified`, won: sql`is_won`, leaked: sql`is_leaking` }[of];
  return sql`SELECT id AS lead_id FROM (${people(question)}) WHERE source = ${source} AND campaign = ${campaign} AND ${only} = 1`;
}

/** Everybody who began in the range. A source without a name is its channel. */
function people({ siteId, span, by, nowMs }: RoiQuestion) {
  // `by` is one of two words of ours.
  const column = (name: 'source' | 'channel' | 'campaign') => sql.ref(`${by}_${name}`);
  return sql`SELECT id, value,
      CASE WHEN ${column('source')} = '' THEN ${column('channel')} ELSE ${column('source')} END AS source, ${column('campaign')} AS campaign,
      qualified IN ('marketing', 'sales') AS is_qualified, stage = 'won' AS is_won,
      (leaks_at_ms IS NOT NULL AND leaks_at_ms <= ${nowMs}) AS is_leaking
    FROM leads
    WHERE site_id = ${siteId} AND merged_into IS NULL AND began_at_ms >= ${span.fromMs} AND began_at_ms < ${span.toMs}`;
}

/** The part of a cost whose days lie in the range, 0–1. */
function shareOf(cost: Pick<StoredCost, 'from' | 'to'>, { from, to }: { from: string; to: string }): number {
  const days = (start: string, end: string) => Math.max(0, (Date.parse(end) - Date.parse(start)) / 86_400_000);
  const latest = cost.from > from ? cost.from : from;
  const earliest = cost.to < to ? cost.to : to;
  return days(latest, earliest) / days(cost.from, cost.to);
}

function withRates(counts: Counted, cost: number): Omit<RoiRow, 'source' | 'campaign'> {
  const per = (count: number) => (count === 0 ? null : cost / count);
  return {
    ...counts,
    cost,
    costPerLead: per(counts.leads),
    costPerQualified: per(counts.qualified),
    costPerWon: per(counts.won),
    roi: cost === 0 ? null : (counts.revenue - cost) / cost,
  };
}
