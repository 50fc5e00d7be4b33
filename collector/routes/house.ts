import { type Context, Hono } from 'hono';
import * as z from 'zod';
import type { ClickHouse } from '../clickhouse/client.ts';
import type { List } from '../contract/answers.ts';
import {
  type House,
  type HousePart,
  type HouseParts,
  type HouseVersion,
  houseParts,
  houseSchemas,
  type SavedHousePart,
} from '../contract/house.ts';
import type { RejectionCount } from '../contract/lead-definition.ts';
import type { LeadScore, Scoring, ScoringPreview } from '../contract/scoring.ts';
import { range } from '../contract/time.ts';
import { AppError } from '../errors.ts';
import { explainScore } from '../leads/explain-score.ts';
import { houseWarnings } from '../leads/house-warnings.ts';
import { previewScoring } from '../leads/preview-scoring.ts';
import { rejectionReport } from '../leads/rejections.ts';
import { routingMistakes } from '../leads/routing-mistakes.ts';
import { toSpan } from '../queries/range.ts';
import type { State } from '../state/database.ts';
import type { HouseBook } from '../state/house-rules.ts';
import type { Env, Principal } from './env.ts';
import { describe, json, query } from './parse.ts';

export interface HouseDependencies {
  state: State;
  clickhouse: ClickHouse;
  house: HouseBook;
  now: () => number;
}

const titles: Record<HousePart, string> = {
  definition: 'what a lead is',
  scoring: 'how leads are scored',
  routing: 'who gets which lead',
  clocks: 'how fast a lead is answered',
};

/** `next` of the part before. */
const previewQuery = z.object({ cursor: z.coerce.number().int().min(0).default(0) });

/** The rules of the house. Mount under `/api/v1/sites/:site`. */
export function houseRoutes(deps: HouseDependencies): Hono<Env> {
  const { house, now } = deps;
  const app = new Hono<Env>();

  app.get('/house', describe('house', 'The rules of the house that hold now'), (c) =>
    c.json(house.of(c.get('site').id) satisfies House),
  );
  app.get(
    '/house/rejections',
    describe('house', 'What sales does not believe', 'Rejected leads by version and condition of the definition.'),
    query(range),
    async (c) => {
      const { id, timezone } = c.get('site');
      const span = toSpan(c.req.valid('query'), timezone);
      const items = await rejectionReport(deps, { siteId: id, span });
      return c.json({ items, total: items.length, next: null } satisfies List<RejectionCount>);
    },
  );
  for (const part of houseParts) {
    app.get(`/house/${part}`, describe('house', `Rules: ${titles[part]}`), (c) =>
      c.json(house.of(c.get('site').id)[part]),
    );
    app.get(`/house/${part}/versions`, describe('house', `All versions: ${titles[part]}`, 'Newest first.'), (c) => {
      const items = house.versions(c.get('site').id, part);
      return c.json({ items, total: items.length, next: null } satisfies List<HouseVersion>);
    });
    app.put(
      `/house/${part}`,
      describe('house', `Save a new version: ${titles[part]}`, 'Every lead is judged anew by it. The answer warns.'),
      json(houseSchemas[part]),
      // The union of the four schemas does not tell which one this is; the loop does.
      (c) => savePart(c, { deps, part, rules: c.req.valid('json' as never) as HouseParts[typeof part] }),
    );
  }
  app.post(
    '/house/scoring/preview',
    describe('house', 'Who would be hotter or colder', 'Answers for some thousand leads at a time. Saves nothing.'),
    query(previewQuery),
    json(houseSchemas.scoring),
    async (c) => {
      const { id } = c.get('site');
      const scoring: Scoring = c.req.valid('json');
      const { cursor: after } = c.req.valid('query');
      const question = { siteId: id, house: house.of(id), scoring, after, nowMs: now() };
      return c.json((await previewScoring(deps, question)) satisfies ScoringPreview);
    },
  );
  app.get(
    '/leads/:id/score',
    describe('leads', 'The score of a lead, line by line', 'The points of the lines add up to the score exactly.'),
    async (c) => {
      const { id } = c.get('site');
      const question = { siteId: id, leadId: c.req.param('id'), house: house.of(id), nowMs: now() };
      return c.json((await explainScore(deps, question)) satisfies LeadScore);
    },
  );
  return app;
}

async function savePart<Part extends HousePart>(
  c: Context<Env>,
  { deps, part, rules }: { deps: HouseDependencies; part: Part; rules: HouseParts[Part] },
): Promise<Response> {
  const siteId = c.get('site').id;
  const details = part === 'routing' ? routingMistakes(rules as HouseParts['routing']) : [];
  if (details.length > 0) throw new AppError('invalid_request', { details });
  const warnings = await houseWarnings(deps.clickhouse, { siteId, part, rules, nowMs: deps.now() });
  const { saved, leadsToJudge } = await deps.house.save(siteId, part, { rules, by: nameOf(c.get('principal')) });
  return c.json({ ...saved, warnings, leadsToJudge } satisfies SavedHousePart);
}

function nameOf(principal: Principal | undefined): string {
  switch (principal?.kind) {
    case 'user':
      return `user:${principal.userId}`;
    case 'key':
      return `key:${principal.keyId}`;
    default:
      return 'local';
  }
}
