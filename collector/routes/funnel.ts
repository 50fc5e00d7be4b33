import { Hono } from 'hono';
import type { ClickHouse } from '../clickhouse/client.ts';
import type { List } from '../contract/answers.ts';
import {
  type FunnelPerson,
  type FunnelRequest,
  type FunnelSendAnswer,
  type FunnelSendRequest,
  funnelNextRequest,
  funnelPeopleRequest,
  funnelRequest,
  funnelSendRequest,
  funnelSuggestionsRequest,
  funnelWhyRequest,
} from '../contract/funnel.ts';
import { limits } from '../contract/limits.ts';
import { isSameMatch } from '../contract/match.ts';
import { AppError } from '../errors.ts';
import { funnel } from '../queries/funnel.ts';
import { funnelNext } from '../queries/funnel-next.ts';
import { type FunnelPeopleQuestion, funnelPeople } from '../queries/funnel-people.ts';
import { funnelSuggestions, type SuggestedGoal } from '../queries/funnel-suggestions.ts';
import { funnelWhy } from '../queries/funnel-why.ts';
import { matchInWords } from '../queries/match.ts';
import type { State } from '../state/database.ts';
import { listGoals } from '../state/goals.ts';
import { leadUnits } from '../state/lead-units.ts';
import { leadOfVisitors } from '../state/leads.ts';
import { listCompletions } from '../state/rule-completions.ts';
import type { SiteRecord } from '../state/sites.ts';
import { sendPeople } from '../webhooks/send-people.ts';
import type { Env } from './env.ts';
import { describe, json } from './parse.ts';

export interface FunnelDependencies {
  clickhouse: ClickHouse;
  state: State;
  now: () => number;
}

/** Funnels and what lies behind their numbers. Mount under `/api/v1/sites/:site`. */
export function funnelRoutes({ clickhouse, state, now }: FunnelDependencies): Hono<Env> {
  const app = new Hono<Env>();

  app.post('/funnel', describe('questions', 'How many reach each step'), json(funnelRequest), async (c) => {
    const asked = await ask(c.get('site'), c.req.valid('json'));
    const conversionValue = await worthOf(asked.siteId, asked.request);
    return c.json(
      await funnel(clickhouse, { ...asked, ...(conversionValue === undefined ? {} : { conversionValue }) }),
    );
  });
  app.post(
    '/funnel/people',
    describe('questions', 'Who dropped after a step, or reached it', '`total` equals the number of the funnel.'),
    json(funnelPeopleRequest),
    async (c) => {
      const asked = await ask(c.get('site'), c.req.valid('json'));
      return c.json(await withLeads(await funnelPeople(clickhouse, asked), asked.siteId));
    },
  );
  app.post(
    '/funnel/send',
    describe(
      'questions',
      'Send the people behind a number to an endpoint',
      'As `funnel.people`, in as many messages as they need. The answer says how many: they are sent a moment later.',
    ),
    json(funnelSendRequest),
    async (c) => {
      const site = c.get('site');
      const { endpoint, ...request } = c.req.valid('json');
      const people = await everybody(await ask(site, { ...request, limit: limits.listLimit }));
      const messages = await sendPeople(state, {
        siteId: site.id,
        endpointId: endpoint,
        head: headOf(site, request, people.length),
        people: people.map(toSentPerson),
        nowMs: now(),
      });
      return c.json({ people: people.length, messages } satisfies FunnelSendAnswer, 202);
    },
  );
  app.post(
    '/funnel/next',
    describe('questions', 'What those who dropped did next', 'The counts add up to `dropped`; (exit) is one of them.'),
    json(funnelNextRequest),
    async (c) => c.json(await funnelNext(clickhouse, await ask(c.get('site'), c.req.valid('json')))),
  );
  app.post(
    '/funnel/why',
    describe('questions', 'What tells those who dropped from those who went on', 'Only what is hardly chance.'),
    json(funnelWhyRequest),
    async (c) => c.json(await funnelWhy(clickhouse, await ask(c.get('site'), c.req.valid('json')))),
  );
  app.post(
    '/funnel/suggestions',
    describe('questions', 'The three most travelled ways to each goal'),
    json(funnelSuggestionsRequest),
    async (c) => {
      const { id, timezone } = c.get('site');
      const question = { siteId: id, timezone, request: c.req.valid('json'), goals: await goalsOf(id) };
      return c.json(await funnelSuggestions(clickhouse, question));
    },
  );
  return app;

  /** The question of a request; where it counts leads, with who is whom. */
  async function ask<Request extends FunnelRequest>({ id, timezone }: SiteRecord, request: Request) {
    const question = { siteId: id, timezone, request };
    return request.by === 'lead' ? { ...question, leads: await leadUnits(state, id) } : question;
  }

  /** All people behind a number, page by page. Throws limit_reached where there are more than may be sent. */
  async function everybody(asked: FunnelPeopleQuestion): Promise<FunnelPerson[]> {
    const people: FunnelPerson[] = [];
    for (let cursor: string | undefined; ; ) {
      const request = { ...asked.request, ...(cursor === undefined ? {} : { cursor }) };
      const page = await withLeads(await funnelPeople(clickhouse, { ...asked, request }), asked.siteId);
      if (page.total > limits.sentPeople) {
        throw new AppError('limit_reached', {
          message: `These are ${page.total} people, and at most ${limits.sentPeople} can be sent at once. Choose a shorter range or add a filter.`,
        });
      }
      people.push(...page.items);
      if (page.next === null) return people;
      cursor = page.next;
    }
  }

  /** What the site says that a conversion is worth, if the last step of the funnel is one of its goals. */
  async function worthOf(siteId: number, { steps }: FunnelRequest): Promise<number | undefined> {
    const last = steps.findLast(({ optional }) => !optional);
    const goals = await listGoals(state, siteId);
    return last && goals.find(({ match }) => isSameMatch(match, last.match))?.value;
  }

  async function goalsOf(siteId: number): Promise<SuggestedGoal[]> {
    const goals = await listGoals(state, siteId);
    if (goals.length > 0) return goals.map(({ id, name, match }) => ({ goal: id, name, match }));
    return (await listCompletions(state, siteId)).map(({ rule, name, match }) => ({ goal: rule, name, match }));
  }

  async function withLeads(people: List<FunnelPerson>, siteId: number): Promise<List<FunnelPerson>> {
    const leads = await leadOfVisitors(
      state,
      siteId,
      people.items.map(({ visitor }) => visitor),
    );
    return {
      ...people,
      items: people.items.map((person) => {
        const lead = leads.get(person.visitor);
        return lead ? { ...person, lead: { id: lead.id, name: lead.name, email: lead.email } } : person;
      }),
    };
  }
}

/** What is said of the people as a whole. */
function headOf(
  site: SiteRecord,
  { steps, step, outcome, by, from, to }: Omit<FunnelSendRequest, 'endpoint'>,
  total: number,
) {
  const match = steps[step - 1];
  const stepName = match?.name ?? (match ? matchInWords(match.match) : '');
  const who = `${total} ${total === 1 ? by : `${by}s`}`;
  return {
    site: site.publicId,
    siteName: site.name,
    sentence: outcome === 'dropped' ? `${who} left after ${stepName}` : `${who} reached ${stepName}`,
    stepName,
    stepNumber: step,
    outcome,
    unit: by,
    from,
    to,
  };
}

function toSentPerson({ visitor, lead, stoppedAt, lastPath, source, country, device }: FunnelPerson) {
  const known = { leadId: lead?.id ?? null, name: lead?.name ?? null, email: lead?.email ?? null };
  return { visitor, ...known, stoppedAt, lastPath, source, country, device };
}
