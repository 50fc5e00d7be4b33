import { Hono } from 'hono';
import type { List } from '../contract/answers.ts';
import {
  type Balance,
  type BalanceCheck,
  balanceListQuery,
  type CountedLead,
  type WeeklyAnswer,
  weeklyListQuery,
  weekQuery,
} from '../contract/balance.ts';
import { type BalanceQuestion, balance, checkBalance, leadsOf } from '../leads/balance.ts';
import { listLeads } from '../leads/counted-leads.ts';
import { weekly, weeklyLeads } from '../leads/weekly-questions.ts';
import { toWeek } from '../queries/week.ts';
import type { State } from '../state/database.ts';
import type { SiteRecord } from '../state/sites.ts';
import type { Env } from './env.ts';
import { describe, query } from './parse.ts';

/** Where every lead of a week is. Mount under `/api/v1/sites/:site`. */
export function balanceRoutes({ state, now }: { state: State; now: () => number }): Hono<Env> {
  const app = new Hono<Env>();
  const questionOf = ({ id, timezone }: SiteRecord, week: string | undefined): BalanceQuestion => {
    const nowMs = now();
    return { siteId: id, week: toWeek(week, { timezone, nowMs }), nowMs };
  };

  app.get(
    '/balance',
    describe(
      'leads',
      'Where every lead of a week is',
      'new + back + carried = won + lost + nurture + progress + leaking.',
    ),
    query(weekQuery),
    async (c) => {
      const question = questionOf(c.get('site'), c.req.valid('query').week);
      return c.json((await balance(state.db, question)) satisfies Balance);
    },
  );
  app.get(
    '/balance/check',
    describe('leads', 'Whether a balance adds up', 'Compares both sides, and each number with its names.'),
    query(weekQuery),
    async (c) => {
      const question = questionOf(c.get('site'), c.req.valid('query').week);
      return c.json((await checkBalance(state.db, question)) satisfies BalanceCheck);
    },
  );
  app.get(
    '/balance/leads',
    describe('leads', 'The leads behind a number of a balance', '`total` is that number.'),
    query(balanceListQuery),
    async (c) => {
      const { week, of, reason, limit, cursor } = c.req.valid('query');
      const question = questionOf(c.get('site'), week);
      const answer = await listLeads(
        state.db,
        { siteId: question.siteId, selection: leadsOf(question, of, reason) },
        { limit, cursor },
      );
      return c.json(answer satisfies List<CountedLead>);
    },
  );
  app.get(
    '/weekly',
    describe(
      'leads',
      'The six weekly questions',
      'How many leads came in, how many did we reach, how many appointments, proposals, closed deals, where did they come from.',
    ),
    query(weekQuery),
    async (c) => {
      const question = questionOf(c.get('site'), c.req.valid('query').week);
      return c.json((await weekly(state.db, question)) satisfies WeeklyAnswer);
    },
  );
  app.get(
    '/weekly/leads',
    describe('leads', 'The leads behind an answer of the week', '`total` is that answer.'),
    query(weeklyListQuery),
    async (c) => {
      const { week, of, source, channel, limit, cursor } = c.req.valid('query');
      const question = questionOf(c.get('site'), week);
      const answer = await listLeads(
        state.db,
        { siteId: question.siteId, selection: weeklyLeads(question, of, { source, channel }) },
        { limit, cursor },
      );
      return c.json(answer satisfies List<CountedLead>);
    },
  );
  return app;
}
