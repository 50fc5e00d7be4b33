import { Hono } from 'hono';
import * as z from 'zod';
import type { ClickHouse } from '../clickhouse/client.ts';
import type { Abandonment, AbandonmentCounts, AbandonmentSummary } from '../contract/abandonment.ts';
import type { List } from '../contract/answers.ts';
import { limits } from '../contract/limits.ts';
import { caseStates, type SuppressReason } from '../contract/names.ts';
import { instantOrDate, isDate } from '../contract/time.ts';
import { AppError } from '../errors.ts';
import { startOfDate } from '../queries/range.ts';
import { timeline } from '../queries/timeline.ts';
import { type CaseFilter, type CaseRow, countCases, intentOf, listCases } from '../state/cases.ts';
import type { State } from '../state/database.ts';
import { listDeliveries } from '../state/deliveries.ts';
import { leadOfVisitors, visitorsOfSamePerson } from '../state/leads.ts';
import type { RuleBook } from '../state/rules.ts';
import type { SiteRecord } from '../state/sites.ts';
import type { Env } from './env.ts';
import { describe, query } from './parse.ts';

export interface AbandonmentDependencies {
  state: State;
  rules: Pick<RuleBook, 'version'>;
  clickhouse: ClickHouse;
}

const caseQuery = z.object({
  state: z.enum(caseStates).optional(),
  rule: z.string().max(limits.idLength).optional(),
  from: instantOrDate.optional(),
  to: instantOrDate.optional(),
});
const listQuery = caseQuery.extend({
  limit: z.coerce.number().int().min(1).max(limits.listLimit).default(50),
  cursor: z.string().max(200).optional(),
});

/** How far around a case its timeline reaches. */
const timelineBeforeMs = 24 * 60 * 60 * 1000;
const timelineAfterMs = 7 * 24 * 60 * 60 * 1000;
const timelineEvents = 200;

/** Cases of the abandonment rules. Mount under `/api/v1/sites/:site`. */
export function abandonmentRoutes(deps: AbandonmentDependencies): Hono<Env> {
  const { state, clickhouse } = deps;
  const app = new Hono<Env>();

  app.get(
    '/abandonments',
    describe('abandonments', 'Cases, newest intent first', '`from` and `to` are about the intent, half-open.'),
    query(listQuery),
    async (c) => {
      const { limit, cursor, ...filter } = c.req.valid('query');
      const site = c.get('site');
      const { rows, total, next } = await listCases(state.db, toFilter(site, filter), { limit, cursor });
      const items = await toSummaries(deps, site, rows);
      return c.json({ items, total, next } satisfies List<AbandonmentSummary>);
    },
  );
  app.get(
    '/abandonments/counts',
    describe(
      'abandonments',
      'Cases by state',
      'Each count is the total of the list with the same filter and that state.',
    ),
    query(caseQuery),
    async (c) => {
      const states = await countCases(state.db, toFilter(c.get('site'), c.req.valid('query')));
      return c.json({ states } satisfies AbandonmentCounts);
    },
  );
  app.get(
    '/abandonments/:id',
    describe('abandonments', 'One case', 'With its history, what the visitor did around it, and its messages.'),
    async (c) => {
      const site = c.get('site');
      const row = await state.db
        .selectFrom('cases')
        .selectAll()
        .where('site_id', '=', site.id)
        .where('id', '=', c.req.param('id'))
        .executeTakeFirst();
      if (!row) throw new AppError('not_found');
      const [summary] = await toSummaries(deps, site, [row]);
      if (!summary) throw new AppError('not_found');
      const intent = intentOf(row);
      const people = await visitorsOfSamePerson(state, site.id, [row.visitor_id]);
      const occurredMs = Date.parse(row.occurred_at);
      const [history, deliveries, events] = await Promise.all([
        state.db
          .selectFrom('case_history')
          .select(['at', 'state', 'reason', 'note'])
          .where('case_id', '=', row.id)
          .orderBy('id')
          .execute(),
        listDeliveries(state.db, { siteId: site.id, caseId: row.id }, { limit: limits.listLimit }),
        timeline(clickhouse, {
          siteId: site.id,
          // What the person did, on all devices we know of.
          visitorIds: people.get(row.visitor_id) ?? [row.visitor_id],
          fromMs: occurredMs - timelineBeforeMs,
          toMs: occurredMs + timelineAfterMs,
          limit: timelineEvents,
        }),
      ]);
      return c.json({
        ...summary,
        ruleVersion: row.rule_version,
        source: intent.source,
        country: intent.country,
        device: intent.device,
        history,
        timeline: events,
        deliveries: deliveries.items,
      } satisfies Abandonment);
    },
  );
  return app;
}

function toFilter(site: SiteRecord, { state, rule, from, to }: z.infer<typeof caseQuery>): CaseFilter {
  const instant = (text: string | undefined) =>
    text === undefined
      ? undefined
      : new Date(isDate(text) ? startOfDate(text, site.timezone) : Date.parse(text)).toISOString();
  return { siteId: site.id, state, ruleId: rule, from: instant(from), to: instant(to) };
}

async function toSummaries(
  { state, rules }: Pick<AbandonmentDependencies, 'state' | 'rules'>,
  site: SiteRecord,
  rows: CaseRow[],
): Promise<AbandonmentSummary[]> {
  const leads = await leadOfVisitors(state, site.id, [...new Set(rows.map((row) => row.visitor_id))]);
  return rows.map((row) => {
    const rule = rules.version(row.rule_id, row.rule_version);
    const intent = intentOf(row);
    const lead = leads.get(row.visitor_id);
    return {
      id: row.id,
      rule: rule?.name ?? '',
      ruleId: row.rule_id,
      kind: rule?.kind ?? 'custom',
      state: row.state,
      reason: row.reason as SuppressReason | null,
      key: row.key,
      visitor: row.visitor_id,
      email: lead?.email ?? null,
      name: lead?.name ?? null,
      path: intent.path,
      value: intent.value === 0 ? null : intent.value,
      currency: intent.value === 0 ? null : intent.currency || site.settings.currency,
      occurredAt: row.occurred_at,
      dueAt: new Date(row.due_at_ms).toISOString(),
      abandonedAt: row.abandoned_at,
      recoveredAt: row.recovered_at,
    };
  });
}
