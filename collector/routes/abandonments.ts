import { Hono } from 'hono';
import * as z from 'zod';
import type { ClickHouse } from '../clickhouse/client.ts';
import type {
  Abandonment,
  AbandonmentCounts,
  AbandonmentSummary,
  AbandonmentsSummary,
  CaseCheck,
  VisitorTimeline,
  WhyAnswer,
} from '../contract/abandonment.ts';
import type { List } from '../contract/answers.ts';
import { limits } from '../contract/limits.ts';
import { caseStates, type SuppressReason, suppressReasons } from '../contract/names.ts';
import { instantOrDate } from '../contract/time.ts';
import { summarise } from '../detection/summary.ts';
import { why } from '../detection/why.ts';
import { AppError } from '../errors.ts';
import { toInstantText, toSpan } from '../queries/range.ts';
import { timeline } from '../queries/timeline.ts';
import { type CaseFilter, type CaseRow, caseMilestones, countCases, intentOf, listCases } from '../state/cases.ts';
import type { State } from '../state/database.ts';
import { listDeliveries } from '../state/deliveries.ts';
import { personOf } from '../state/lead-ledger.ts';
import { type LeadSummary, leadOfVisitors, visitorsOfLead, visitorsOfSamePerson } from '../state/leads.ts';
import type { RuleBook } from '../state/rules.ts';
import type { SiteRecord } from '../state/sites.ts';
import type { Env } from './env.ts';
import { describe, query } from './parse.ts';

export interface AbandonmentDependencies {
  state: State;
  rules: Pick<RuleBook, 'version' | 'get' | 'watchingSince'>;
  clickhouse: ClickHouse;
  now: () => number;
}

const visitorId = z.string().regex(/^\d{1,20}$/, 'A visitor is the number that cases and timelines show.');
const caseQuery = z.object({
  state: z.enum(caseStates).optional(),
  /** Why it was not pursued. */
  reason: z.enum(suppressReasons).optional(),
  /** How far it came, whatever became of it since. */
  reached: z.enum(caseMilestones).optional(),
  rule: z.string().max(limits.idLength).optional(),
  /** Cases of this person, on all devices we know of. */
  visitor: visitorId.optional(),
  lead: z.string().max(limits.idLength).optional(),
  from: instantOrDate.optional(),
  to: instantOrDate.optional(),
});
const summaryQuery = z.object({
  rule: z.string().max(limits.idLength).optional(),
  from: instantOrDate,
  to: instantOrDate,
});
const whyQuery = z.object({
  rule: z.string().min(1).max(limits.idLength),
  visitor: visitorId.optional(),
  lead: z.string().max(limits.idLength).optional(),
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
      const { rows, total, next } = await listCases(state.db, await toFilter(state, site, filter), { limit, cursor });
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
      const states = await countCases(state.db, await toFilter(state, c.get('site'), c.req.valid('query')));
      return c.json({ states } satisfies AbandonmentCounts);
    },
  );
  app.get(
    '/abandonments/summary',
    describe(
      'abandonments',
      'What became of the intents of a range',
      'Abandoned, followed up and recovered, in all and by day. Each number opens as the list with the same range and `reached`.',
    ),
    query(summaryQuery),
    async (c) => {
      const site = c.get('site');
      const { rule, ...range } = c.req.valid('query');
      const span = toSpan(range, site.timezone);
      return c.json((await summarise(state.db, site, { span, ruleId: rule })) satisfies AbandonmentsSummary);
    },
  );
  app.get(
    '/why',
    describe(
      'abandonments',
      'Why did a rule write about somebody, or why not?',
      'Names a `rule` and a `visitor` or a `lead`. Each check in the order in which it is made, with its time and result.',
    ),
    query(whyQuery),
    async (c) => {
      const site = c.get('site');
      const { rule, visitor, lead } = c.req.valid('query');
      const person = await whoIs(state, site.id, { visitor, lead });
      return c.json((await why(deps, site, { ruleId: rule, ...person })) satisfies WhyAnswer);
    },
  );
  app.get(
    '/visitors/:visitor',
    describe(
      'abandonments',
      'What one person did around a moment',
      'On all devices we know of. `at` is now where it is left out.',
    ),
    query(z.object({ at: instantOrDate.optional() })),
    async (c) => {
      const site = c.get('site');
      const visitor = visitorId.safeParse(c.req.param('visitor'));
      if (!visitor.success) throw new AppError('not_found');
      const { visitorIds, lead } = await whoIs(state, site.id, { visitor: visitor.data, lead: undefined });
      const atMs = Date.parse(
        toInstantText(c.req.valid('query').at, site.timezone) ?? new Date(deps.now()).toISOString(),
      );
      return c.json({
        visitor: visitor.data,
        visitors: [...visitorIds],
        lead: lead && { id: lead.id, name: lead.name, email: lead.email },
        timeline: await timeline(clickhouse, {
          siteId: site.id,
          visitorIds,
          fromMs: atMs - timelineBeforeMs,
          toMs: atMs + timelineAfterMs,
          limit: timelineEvents,
        }),
      } satisfies VisitorTimeline);
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
        source: intent.source,
        country: intent.country,
        device: intent.device,
        ruleThen: deps.rules.version(row.rule_id, row.rule_version) ?? null,
        history,
        checks: row.checks === null ? [] : (JSON.parse(row.checks) as CaseCheck[]),
        timeline: events,
        deliveries: deliveries.items,
      } satisfies Abandonment);
    },
  );
  return app;
}

async function toFilter(
  state: State,
  site: SiteRecord,
  { rule, visitor, lead, from, to, ...others }: z.infer<typeof caseQuery>,
): Promise<CaseFilter> {
  const ofPerson = visitor !== undefined || lead !== undefined;
  return {
    siteId: site.id,
    ...others,
    ruleId: rule,
    visitorIds: ofPerson ? (await whoIs(state, site.id, { visitor, lead })).visitorIds : undefined,
    from: toInstantText(from, site.timezone),
    to: toInstantText(to, site.timezone),
  };
}

/** Everybody who is the same person as this visitor, or this lead. Throws where neither is named or the lead is not known. */
async function whoIs(
  state: State,
  siteId: number,
  { visitor, lead }: { visitor: string | undefined; lead: string | undefined },
): Promise<{ visitorIds: string[]; lead: LeadSummary | null }> {
  if (lead !== undefined) {
    const person = await personOf(state.db, { siteId, leadId: lead });
    return { visitorIds: await visitorsOfLead(state, siteId, person.id), lead: person };
  }
  if (visitor === undefined) {
    throw new AppError('invalid_request', {
      details: [{ path: 'visitor', message: 'Name a visitor or a lead.' }],
    });
  }
  return {
    visitorIds: (await visitorsOfSamePerson(state, siteId, [visitor])).get(visitor) ?? [visitor],
    lead: (await leadOfVisitors(state, siteId, [visitor])).get(visitor) ?? null,
  };
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
      ruleVersion: row.rule_version,
      kind: rule?.kind ?? 'custom',
      state: row.state,
      reason: row.reason as SuppressReason | null,
      key: row.key,
      visitor: row.visitor_id,
      leadId: lead?.id ?? null,
      email: lead?.email ?? null,
      name: lead?.name ?? null,
      path: intent.path,
      value: intent.value === 0 ? null : intent.value,
      currency: intent.value === 0 ? null : intent.currency || site.settings.currency,
      recoveredValue: row.recovered_value,
      occurredAt: row.occurred_at,
      dueAt: new Date(row.due_at_ms).toISOString(),
      abandonedAt: row.abandoned_at,
      notifiedAt: row.notified_at,
      recoveredAt: row.recovered_at,
    };
  });
}
