import { type Kysely, sql } from 'kysely';
import type { ClickHouse } from '../clickhouse/client.ts';
import type { LeadStage } from '../contract/leads.ts';
import type { SilenceAnswer, SilenceGroup, SilentLead } from '../contract/silence.ts';
import { groupBy } from '../group-by.ts';
import { leadSessions } from '../queries/lead-sessions.ts';
import type { Span } from '../queries/range.ts';
import type { StateSchema } from '../state/schema.ts';
import { visitorsOfLeads } from './web-hits.ts';

type Db = Kysely<StateSchema>;

/** More say no more about where people fall silent, and each is looked up on the website. */
const mostLeads = 5_000;
const shownLeads = 1_000;
const leadsPerQuestion = 500;
const dayMs = 86_400_000;

interface QuietRow {
  id: string;
  name: string | null;
  email: string | null;
  phone: string | null;
  stage: LeadStage;
  why: 'lost' | 'silent';
  touch: string | null;
  channel: string | null;
  touchMs: number | null;
  calls: number;
}

/**
 * The last thing that happened, on which channel, after how many visits and calls, how long ago: for leads that were lost in the span,
 * and for open ones of which nothing was heard since a moment in it and for longer than the site calls stale. The last thing is the
 * later one of the last touch and the last visit.
 */
export async function lastBeforeSilence(
  { db, clickhouse }: { db: Db; clickhouse: ClickHouse },
  { siteId, span, staleMs, nowMs }: { siteId: number; span: Span; staleMs: number; nowMs: number },
): Promise<SilenceAnswer> {
  const rows = await quietLeads(db, { siteId, span, staleMs, nowMs });
  const leads: SilentLead[] = [];
  for (let start = 0; start < rows.length; start += leadsPerQuestion) {
    const some = rows.slice(start, start + leadsPerQuestion);
    const visitors = await visitorsOfLeads(
      db,
      some.map(({ id }) => id),
    );
    const sessions = await leadSessions(clickhouse, {
      siteId,
      visitorIds: [...visitors.values()].flat(),
      toMs: nowMs + 1,
    });
    const byVisitor = new Map(sessions.map((one) => [one.visitor, one]));
    for (const row of some) {
      const own = (visitors.get(row.id) ?? []).flatMap((visitor) => byVisitor.get(visitor) ?? []);
      leads.push(toSilentLead(row, own));
    }
  }
  const groups = [...groupBy(leads, ({ last, channel }) => JSON.stringify([last, channel])).values()].map((group) =>
    toGroup(group, nowMs),
  );
  return {
    groups: groups.toSorted((one, other) => other.leads - one.leads || (one.last < other.last ? -1 : 1)),
    leads: leads.toSorted((one, other) => ((one.lastAt ?? '') < (other.lastAt ?? '') ? -1 : 1)).slice(0, shownLeads),
    total: leads.length,
  };
}

async function quietLeads(
  db: Db,
  { siteId, span, staleMs, nowMs }: { siteId: number; span: Span; staleMs: number; nowMs: number },
): Promise<QuietRow[]> {
  const calls = sql`(SELECT count(*) FROM lead_events AS e JOIN leads AS m ON m.id = e.lead_id
    WHERE m.person_id = l.id AND e.kind = 'touch' AND json_extract(e.data, '$.touch') = 'call')`;
  const columns = sql`l.id, l.name, l.email, l.phone, l.stage, l.last_touch_kind AS touch, l.last_touch_channel AS channel,
    l.last_touch_at_ms AS touchMs, ${calls} AS calls`;
  const { rows } = await sql<QuietRow>`
    SELECT ${columns}, 'lost' AS why FROM leads AS l
    WHERE l.site_id = ${siteId} AND l.merged_into IS NULL AND l.stage = 'lost' AND l.stage_at_ms >= ${span.fromMs} AND l.stage_at_ms < ${span.toMs}
    UNION ALL
    SELECT ${columns}, 'silent' AS why FROM leads AS l
    WHERE l.site_id = ${siteId} AND l.merged_into IS NULL AND l.stage NOT IN ('won', 'lost')
      AND l.active_at_ms >= ${span.fromMs} AND l.active_at_ms < ${Math.min(span.toMs, nowMs - staleMs)}
    LIMIT ${mostLeads}`.execute(db);
  return rows;
}

function toSilentLead(
  { touch, channel, touchMs, ...row }: QuietRow,
  sessions: readonly { lastMs: number; sessions: number }[],
): SilentLead {
  const visitMs = Math.max(0, ...sessions.map(({ lastMs }) => lastMs));
  const isVisit = visitMs > (touchMs ?? 0);
  const lastMs = Math.max(visitMs, touchMs ?? 0);
  return {
    ...row,
    last: isVisit ? 'visit' : (touch ?? 'none'),
    channel: isVisit ? 'website' : (channel ?? ''),
    lastAt: lastMs === 0 ? null : new Date(lastMs).toISOString(),
    visits: sessions.reduce((sum, one) => sum + one.sessions, 0),
  };
}

function toGroup(leads: readonly SilentLead[], nowMs: number): SilenceGroup {
  const [first] = leads;
  const average = (key: 'visits' | 'calls') =>
    Math.round((leads.reduce((sum, lead) => sum + lead[key], 0) / leads.length) * 10) / 10;
  const ages = leads
    .flatMap(({ lastAt }) => (lastAt === null ? [] : [Math.floor((nowMs - Date.parse(lastAt)) / dayMs)]))
    .toSorted((one, other) => one - other);
  return {
    last: first?.last ?? 'none',
    channel: first?.channel ?? '',
    leads: leads.length,
    lost: leads.filter(({ why }) => why === 'lost').length,
    silent: leads.filter(({ why }) => why === 'silent').length,
    visits: average('visits'),
    calls: average('calls'),
    daysAgo: ages[Math.floor(ages.length / 2)] ?? 0,
  };
}
