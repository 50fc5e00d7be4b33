import { Hono } from 'hono';
import * as z from 'zod';
import type { ClickHouse } from '../clickhouse/client.ts';
import type { List } from '../contract/answers.ts';
import { isSameMatch } from '../contract/match.ts';
import {
  backtestRequest,
  type HoldoutReport,
  type Rule,
  type RuleCheck,
  type RuleUse,
  type RuleVersion,
  rule,
  type SavedRule,
  type StoredRule,
} from '../contract/rule.ts';
import { instantOrDate } from '../contract/time.ts';
import { backtest } from '../detection/backtest.ts';
import { checkRule } from '../detection/check-rule.ts';
import { holdoutReport } from '../detection/holdout.ts';
import { AppError } from '../errors.ts';
import { toInstantText } from '../queries/range.ts';
import { casesByVersion } from '../state/cases.ts';
import type { State } from '../state/database.ts';
import { ruleUse } from '../state/rule-use.ts';
import { isSwitchingOff, type RuleBook } from '../state/rules.ts';
import type { Env } from './env.ts';
import { describe, json, query } from './parse.ts';

export interface RuleDependencies {
  rules: RuleBook;
  state: State;
  clickhouse: ClickHouse;
  now: () => number;
}

const saveQuery = z.object({
  /** `allow`: save it although this site has never sent one of its events. */
  unknown: z.literal('allow').optional(),
});
const removeQuery = z.object({
  /** `true`: delete it although it is in use. */
  confirm: z.literal('true').optional(),
});
const rangeQuery = z.object({ from: instantOrDate.optional(), to: instantOrDate.optional() });

/** Abandonment rules. Mount under `/api/v1/sites/:site`. */
export function ruleRoutes(deps: RuleDependencies): Hono<Env> {
  const { rules, state } = deps;
  const app = new Hono<Env>();

  /** Refuses what `checkRule` finds wrong; answers what may not mean what was meant. */
  const check = async (siteId: number, written: Rule, { mayBeUnknown }: { mayBeUnknown: boolean }) => {
    const found = await checkRule(deps, siteId, written);
    // A rule that is off may be written before the site sends its events.
    const refused = [...found.errors, ...(written.enabled && !mayBeUnknown ? found.unknown : [])];
    if (refused.length > 0) throw new AppError('invalid_request', { details: refused });
    return [...found.unknown, ...found.warnings];
  };

  app.get('/rules', describe('rules', 'All rules of a site'), (c) => {
    const items = rules.list(c.get('site').id);
    return c.json({ items, total: items.length, next: null } satisfies List<StoredRule>);
  });
  app.post(
    '/rules',
    describe(
      'rules',
      'Add a rule',
      'Refused where it could never fire, would answer itself, names an endpoint that does not exist, or is on and names an event that this site has never sent (save that with `?unknown=allow`).',
    ),
    query(saveQuery),
    json(rule),
    async (c) => {
      const siteId = c.get('site').id;
      const written = c.req.valid('json');
      const warnings = await check(siteId, written, { mayBeUnknown: c.req.valid('query').unknown === 'allow' });
      return c.json({ ...(await rules.create(siteId, written)), warnings } satisfies SavedRule, 201);
    },
  );
  app.post('/rules/check', describe('rules', 'What saving a rule would say', 'Saves nothing.'), json(rule), async (c) =>
    c.json((await checkRule(deps, c.get('site').id, c.req.valid('json'))) satisfies RuleCheck),
  );
  app.post(
    '/rules/backtest',
    describe(
      'rules',
      'What a rule would have done',
      'Replays the last days through the checks that detection makes. The rule need not be saved.',
    ),
    json(backtestRequest),
    async (c) => c.json(await backtest(deps, c.get('site'), c.req.valid('json'))),
  );
  app.get('/rules/:id', describe('rules', 'One rule'), (c) => c.json(rules.get(c.get('site').id, c.req.param('id'))));
  app.get(
    '/rules/:id/versions',
    describe('rules', 'What a rule has been', 'Newest first. A case keeps the version that made it.'),
    async (c) => {
      const id = c.req.param('id');
      const versions = rules.versions(c.get('site').id, id);
      const counts = await casesByVersion(state.db, id);
      const items = versions
        .map((entry): RuleVersion => {
          const { version, createdAtMs } = entry;
          const createdAt = new Date(createdAtMs).toISOString();
          return { version, createdAt, rule: entry.rule, cases: counts.get(version) ?? 0 };
        })
        .toReversed();
      return c.json({ items, total: items.length, next: null } satisfies List<RuleVersion>);
    },
  );
  app.get(
    '/rules/:id/use',
    describe('rules', 'What deleting a rule would stop', 'The same sentences as the refusal of DELETE.'),
    async (c) => {
      const { id, enabled } = rules.get(c.get('site').id, c.req.param('id'));
      return c.json((await ruleUse(state.db, { ruleId: id, enabled })) satisfies RuleUse);
    },
  );
  app.get(
    '/rules/:id/holdout',
    describe(
      'rules',
      'Do its messages bring people back?',
      'Compares those who were written to with those who were held out. `from` and `to` are about the intent.',
    ),
    query(rangeQuery),
    async (c) => {
      const { timezone } = c.get('site');
      const { from, to } = c.req.valid('query');
      const report = await holdoutReport(deps, c.get('site'), {
        ruleId: c.req.param('id'),
        from: toInstantText(from, timezone),
        to: toInstantText(to, timezone),
      });
      return c.json(report satisfies HoldoutReport);
    },
  );
  app.patch(
    '/rules/:id',
    describe(
      'rules',
      'Change a rule',
      'Makes a new version. Fields that are left out stay; null removes an optional one. Refused as a new rule would be.',
    ),
    query(saveQuery),
    // The whole rule is checked after the change, so any field may be alone here.
    json(z.record(z.string(), z.unknown())),
    async (c) => {
      const siteId = c.get('site').id;
      const id = c.req.param('id');
      const changes = c.req.valid('json');
      const before = rules.get(siteId, id);
      const after = rules.changed(siteId, id, changes);
      // A rule that is on with these events goes on with them: whoever changes its wait is not asked again.
      const mayBeUnknown =
        c.req.valid('query').unknown === 'allow' || (before.enabled && asksForTheSame(before, after));
      const warnings = isSwitchingOff(changes) ? [] : await check(siteId, after, { mayBeUnknown });
      return c.json({ ...(await rules.patch(siteId, id, changes)), warnings } satisfies SavedRule);
    },
  );
  app.delete(
    '/rules/:id',
    describe(
      'rules',
      'Delete a rule',
      'A rule in use is deleted only with `?confirm=true`; the refusal says what would stop.',
    ),
    query(removeQuery),
    async (c) => {
      const siteId = c.get('site').id;
      const { id, enabled } = rules.get(siteId, c.req.param('id'));
      const use = await ruleUse(state.db, { ruleId: id, enabled });
      if (use.inUse && c.req.valid('query').confirm !== 'true') {
        throw new AppError('conflict', {
          message: 'This rule is in use. Delete it with ?confirm=true if all of this may stop.',
          details: use.stops.map((message) => ({ path: 'confirm', message })),
        });
      }
      await rules.remove(siteId, id);
      return c.body(null, 204);
    },
  );
  return app;
}

function asksForTheSame(before: Rule, after: Rule): boolean {
  return (
    isSameMatch(before.intent, after.intent) &&
    after.complete.every((match) => before.complete.some((known) => isSameMatch(known, match)))
  );
}
