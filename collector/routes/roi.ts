import { Hono } from 'hono';
import type { ClickHouse } from '../clickhouse/client.ts';
import type { List } from '../contract/answers.ts';
import type { CountedLead } from '../contract/balance.ts';
import {
  type CostImport,
  costImport,
  type RoiAnswer,
  roiListQuery,
  roiQuery,
  type StoredCost,
  sourceCost,
} from '../contract/roi.ts';
import type { SilenceAnswer } from '../contract/silence.ts';
import { range } from '../contract/time.ts';
import { parseCosts } from '../leads/cost-csv.ts';
import { listLeads } from '../leads/counted-leads.ts';
import { lastBeforeSilence } from '../leads/last-before-silence.ts';
import { type RoiQuestion, roiLeads, sourceRoi } from '../leads/source-roi.ts';
import { addDays, localDate, toSpan } from '../queries/range.ts';
import type { State } from '../state/database.ts';
import type { SiteRecord } from '../state/sites.ts';
import { addCosts, listCosts, removeCost } from '../state/source-costs.ts';
import type { Env } from './env.ts';
import { describe, json, query } from './parse.ts';

const dayMs = 86_400_000;

/** What sources cost and bring, and what happened last before a silence. Mount under `/api/v1/sites/:site`. */
export function roiRoutes({
  state,
  clickhouse,
  now,
}: {
  state: State;
  clickhouse: ClickHouse;
  now: () => number;
}): Hono<Env> {
  const app = new Hono<Env>();
  const questionOf = (site: SiteRecord, asked: { from: string; to: string; by: 'first' | 'last' }): RoiQuestion => {
    const span = toSpan(asked, site.timezone);
    const from = localDate(span.fromMs, site.timezone);
    // The day on which the range ends counts for what costs, unless it ends at its midnight.
    const to = addDays(localDate(span.toMs - 1, site.timezone), 1);
    const { currency } = site.settings;
    return { siteId: site.id, span, dates: { from, to }, by: asked.by, currency, nowMs: now() };
  };

  app.get(
    '/roi',
    describe(
      'leads',
      'What sources cost and bring',
      'Of the leads that began in the range. `by`: first or last touch.',
    ),
    query(roiQuery),
    async (c) =>
      c.json((await sourceRoi(state.db, questionOf(c.get('site'), c.req.valid('query')))) satisfies RoiAnswer),
  );
  app.get(
    '/roi/leads',
    describe('leads', 'The leads behind a number of a source', '`total` is that number.'),
    query(roiListQuery),
    async (c) => {
      const { limit, cursor, source, campaign, of, ...asked } = c.req.valid('query');
      const question = questionOf(c.get('site'), asked);
      const selection = roiLeads(question, { source, campaign, of });
      const answer = await listLeads(state.db, { siteId: question.siteId, selection }, { limit, cursor });
      return c.json(answer satisfies List<CountedLead>);
    },
  );
  app.get('/costs', describe('leads', 'What sources have cost'), async (c) => {
    const items = await listCosts(state.db, c.get('site').id);
    return c.json({ items, total: items.length, next: null } satisfies List<StoredCost>);
  });
  app.post('/costs', describe('leads', 'Add what a source has cost'), json(sourceCost), async (c) => {
    const { id, settings } = c.get('site');
    const adding = { siteId: id, costs: [c.req.valid('json')], currency: settings.currency, nowMs: now() };
    return c.json((await addCosts(state.db, adding))[0] satisfies StoredCost | undefined, 201);
  });
  app.post(
    '/costs/import',
    describe(
      'leads',
      'Add costs from a CSV',
      'All lines or none: where one is wrong, the answer names every wrong one.',
    ),
    json(costImport),
    async (c) => {
      const { id, settings } = c.get('site');
      const costs = parseCosts(c.req.valid('json').csv);
      const stored = await addCosts(state.db, { siteId: id, costs, currency: settings.currency, nowMs: now() });
      return c.json({ stored: stored.length } satisfies CostImport, 201);
    },
  );
  app.delete('/costs/:id', describe('leads', 'Take a cost back'), async (c) => {
    await removeCost(state.db, { siteId: c.get('site').id, id: c.req.param('id') });
    return c.body(null, 204);
  });
  app.get(
    '/silence',
    describe('leads', 'What happened last before leads were lost or fell silent', 'By the last thing and its channel.'),
    query(range),
    async (c) => {
      const { id, timezone, settings } = c.get('site');
      const span = toSpan(c.req.valid('query'), timezone);
      const question = { siteId: id, span, staleMs: settings.staleDays * dayMs, nowMs: now() };
      return c.json((await lastBeforeSilence({ db: state.db, clickhouse }, question)) satisfies SilenceAnswer);
    },
  );
  return app;
}
