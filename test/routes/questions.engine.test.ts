import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { List } from '../../collector/contract/answers.ts';
import type {
  FunnelAnswer,
  FunnelPerson,
  FunnelSendAnswer,
  FunnelSuggestionsAnswer,
  FunnelWhyAnswer,
} from '../../collector/contract/funnel.ts';
import { limits } from '../../collector/contract/limits.ts';
import type { OverviewAnswer } from '../../collector/contract/overview.ts';
import type { FunnelPeopleData, WebhookMessage } from '../../collector/contract/webhooks.ts';
import { identifyLead } from '../../collector/leads/identify.ts';
import { openState, type State } from '../../collector/state/database.ts';
import { addDropped } from '../../collector/state/dropped-events.ts';
import { createEndpoint } from '../../collector/state/endpoints.ts';
import { createGoals } from '../../collector/state/goals.ts';
import { loadSites } from '../../collector/state/sites.ts';
import { type TestDatabase, testDatabase } from '../support/engine.ts';
import { event, pageview, visitorId } from '../support/factories.ts';
import { questionApp } from '../support/question-app.ts';

/*
 * 1 September. Ana looks at the prices on her phone and books on her laptop; Ben only looks. 60 strangers come from the start page to the
 * prices: the 20 with Safari stop there, of the others all book. And 3,000 orders of one visitor, each with a number of its own.
 */
const at = '2026-09-01T13:00:00.000Z';
const range = { from: '2026-09-01', to: '2026-09-02' };
const steps = [{ match: { path: '/prices' } }, { match: { event: 'booked' } }];
const booking = { ...range, steps };
const now = () => Date.parse(at);

let database: TestDatabase;
let state: State;
let ask: ReturnType<typeof questionApp>['ask'];
let endpoint: string;

beforeAll(async () => {
  database = await testDatabase();
  state = openState(':memory:');
  const sites = await loadSites(state, now);
  const site = await sites.create({ domain: 'example.com', timezone: 'UTC' });
  ({ ask } = questionApp({ clickhouse: database.clickhouse, state, now, site }));
  await createGoals(state, now).create(site.id, { name: 'Booked', match: { event: 'booked' } });
  ({ id: endpoint } = await createEndpoint(state, {
    siteId: site.id,
    endpoint: { name: 'Mail tool', url: 'https://mail.example/hook' },
    nowMs: now(),
  }));
  for (const [name, email] of [
    ['anas-phone', 'ana@example.org'],
    ['anas-laptop', 'ana@example.org'],
    ['ben', 'ben@example.org'],
  ] as const) {
    await identifyLead({ state, reactions: [] }, { site, visitorId: visitorId(name), identity: { email }, now: now() });
  }
  const quarterMs = Date.parse('2026-09-01T10:00:00Z');
  await addDropped(state, [
    { siteId: site.id, quarterMs, reason: 'bot', count: 7 },
    { siteId: site.id, quarterMs: quarterMs + 900_000, reason: 'bot', count: 5 },
    { siteId: site.id, quarterMs, reason: 'origin', count: 1 },
    { siteId: site.id, quarterMs: quarterMs + 24 * 3_600_000, reason: 'rate', count: 100 },
  ]);
  await database.insert([
    pageview({ visitor: 'anas-phone', path: '/prices', at: '10:00' }),
    event('booked', { visitor: 'anas-laptop', path: '/book', at: '11:00' }),
    pageview({ visitor: 'ben', path: '/prices', at: '10:00' }),
    ...Array.from({ length: 60 }, (_, number) => {
      const visitor = `stranger ${number}`;
      const browser = number < 20 ? 'Safari' : 'Firefox';
      return [
        pageview({ visitor, browser, path: '/', at: '12:00' }),
        pageview({ visitor, browser, path: '/prices', at: '12:01' }),
        ...(number < 20 ? [] : [event('booked', { visitor, browser, path: '/book', at: '12:02' })]),
      ];
    }).flat(),
    ...Array.from({ length: 3_000 }, (_, number) =>
      event('order', {
        visitor: 'shop',
        session: `shop ${number}`,
        at: '09:00',
        props: { number: `n-${number}`, half: String(number % 2) },
      }),
    ),
  ]);
});
afterAll(async () => {
  await state.close();
  await database.drop();
});

describe('a funnel by lead', () => {
  it('counts a person once over all devices, and only people who are known', async () => {
    const { body } = await ask<FunnelAnswer>('/funnel', { ...booking, by: 'lead' });
    // Ana and Ben saw the prices; Ana booked. By visitor nobody known booked after the prices on the same device.
    expect(body.steps.map(({ count, dropped }) => [count, dropped])).toEqual([
      [2, 1],
      [1, 0],
    ]);
    expect(body.steps[1]?.secondsFromPrevious).toEqual({ p50: 3_600, p90: 3_600, avg: 3_600 });
  });

  it('opens exactly these people, by name', async () => {
    const { body } = await ask<List<FunnelPerson>>('/funnel/people', { ...booking, by: 'lead', step: 1 });
    expect(body.total).toBe(1);
    expect(body.items.map(({ lead, lastPath }) => [lead?.email, lastPath])).toEqual([['ben@example.org', '/prices']]);
  });

  it('answers what they did next and why they left, as for visitors', async () => {
    const next = await ask<unknown>('/funnel/next', { ...booking, by: 'lead', step: 1 });
    expect(next.body).toEqual({ dropped: 1, items: [{ label: '(exit)', kind: 'exit', count: 1 }] });
    expect((await ask<FunnelWhyAnswer>('/funnel/why', { ...booking, by: 'lead', step: 1 })).body.items).toEqual([]);
  });
});

describe('what helps to understand a funnel', () => {
  it('is what those who left have in common', async () => {
    const { body } = await ask<FunnelWhyAnswer>('/funnel/why', { ...booking, step: 1 });
    // 22 dropped: Ben and the phone, both with Firefox, and 20 with Safari. 40 went on, all with Firefox.
    expect(body.items.find(({ value }) => value === 'Safari')).toMatchObject({
      dimension: 'browser',
      droppedWith: 20,
      dropped: 22,
      wentOnWith: 0,
      wentOn: 40,
    });
  });

  it('is the ways that people already take to a goal', async () => {
    const { body } = await ask<FunnelSuggestionsAnswer>('/funnel/suggestions', range);
    expect(body.items).toMatchObject([
      {
        name: '/ → /prices → Booked',
        count: 40,
        steps: [{ match: { path: '/' } }, { match: { path: '/prices' } }, { match: { event: 'booked' } }],
      },
    ]);
  });
});

it.each<[string, object]>([
  ['/funnel/people', { step: 1, limit: limits.listLimit }],
  ['/paths/people', { start: { event: 'order' }, column: 0, label: 'order', limitPeople: limits.listLimit }],
])('a page of %s has as many people as a page may have', async (path, more) => {
  const orders = { ...range, by: 'session', steps: [{ match: { event: 'order' } }, { match: { event: 'booked' } }] };
  const { body } = await ask<List<FunnelPerson>>(
    path,
    path === '/funnel/people' ? { ...orders, ...more } : { ...range, ...more },
  );
  expect([body.items?.length, body.total]).toEqual([limits.listLimit, 3_000]);
  expect(
    body.items.every(({ stoppedAt, device }) => stoppedAt === '2026-09-01T09:00:00.000Z' && device === 'desktop'),
  ).toBe(true);
});

describe('sending the people behind a number', () => {
  const send = (body: object) => ask<FunnelSendAnswer>('/funnel/send', { ...booking, step: 1, endpoint, ...body });
  const sent = async (): Promise<WebhookMessage<FunnelPeopleData>[]> => {
    const rows = await state.db.selectFrom('deliveries').select('body').orderBy('created_at').execute();
    await state.db.deleteFrom('deliveries').execute();
    return rows.map(({ body }) => JSON.parse(body));
  };

  it('puts everybody in the number into messages that are small enough, each person once', async () => {
    const orders = { ...range, by: 'session', steps: [{ match: { event: 'order' } }, { match: { event: 'booked' } }] };
    const half = {
      ...orders,
      from: '2026-09-01T09:00:00Z',
      filters: [{ dimension: 'prop:half', op: 'is', value: ['1'] }],
    };
    const { status, body } = await send(half);
    expect([status, body.people]).toEqual([202, 1_500]);
    const messages = await sent();
    expect(messages.length).toBe(body.messages);
    expect(messages.length).toBeGreaterThan(5);
    for (const message of messages) {
      expect(message.type).toBe('funnel.people');
      expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(limits.webhookBytes);
    }
    expect(messages.map(({ data }) => data.part)).toEqual(messages.map((_, index) => index + 1));
    expect(new Set(messages.map(({ data }) => data.id)).size).toBe(1);
    const people = messages.flatMap(({ data }) => data.people);
    expect([people.length, messages[0]?.data.total, messages[0]?.data.parts]).toEqual([1_500, 1_500, messages.length]);
  });

  it('names those who are known', async () => {
    await send({ by: 'lead' });
    const [message] = await sent();
    expect(message?.data).toMatchObject({
      sentence: '1 lead left after /prices',
      stepNumber: 1,
      people: [{ email: 'ben@example.org', lastPath: '/prices', stoppedAt: '2026-09-01T10:00:00.000Z' }],
    });
  });

  it('sends nothing where nobody is meant, and refuses too many, an unknown endpoint and one that is off', async () => {
    expect((await send({ step: 2 })).body).toEqual({ people: 0, messages: 0 });
    const orders = { by: 'session', steps: [{ match: { event: 'order' } }, { match: { event: 'booked' } }] };
    expect((await send(orders)).status).toBe(422);
    expect((await send({ endpoint: 'end_nowhere' })).status).toBe(404);
    await state.db.updateTable('endpoints').set({ enabled: 0 }).execute();
    expect((await send({})).status).toBe(409);
    expect(await sent()).toEqual([]);
  });
});

it('the overview says what was not counted in its range, and why', async () => {
  const { body } = await ask<OverviewAnswer>('/overview', range);
  expect(body.dropped).toEqual([
    { reason: 'bot', count: 12 },
    { reason: 'origin', count: 1 },
  ]);
  const later = await ask<OverviewAnswer>('/overview', {
    from: '2026-09-01T10:15:00Z',
    to: '2026-09-01T10:30:00Z',
    filters: [{ dimension: 'path', op: 'is', value: ['/nowhere'] }],
  });
  expect(later.body.dropped).toEqual([{ reason: 'bot', count: 5 }]);
});

const step = { match: { path: '/' } };
const of = (count: number) => Array.from({ length: count }, () => step);

describe('what makes no sense is refused with the place and what to do', () => {
  it.each<[string, string, object, string]>([
    ['people of a step that is not there', '/funnel/people', { ...booking, step: 3 }, 'step'],
    ['what came after it', '/funnel/next', { ...booking, step: 3 }, 'step'],
    ['why people left there', '/funnel/why', { ...booking, step: 3 }, 'step'],
    ['a step 0', '/funnel/people', { ...booking, step: 0 }, 'step'],
    ['an exclusion between such steps', '/funnel', { ...booking, exclude: [{ ...step, between: [1, 9] }] }, 'exclude'],
    ['an empty range', '/funnel', { ...booking, to: booking.from }, 'to'],
    ['a range that runs backwards', '/overview', { from: '2026-09-02', to: '2026-09-01' }, 'to'],
    ['a range of ten years', '/paths', { from: '2016-09-01', to: '2026-09-01' }, 'from'],
    ['a range that is none', '/leaks', { from: 'last week', to: '2026-09-01' }, 'from'],
    ['40 steps', '/funnel', { ...range, steps: of(40) }, 'steps'],
    ['no steps', '/funnel/why', { ...range, steps: [], step: 1 }, 'steps'],
    ['a window of ten years', '/funnel', { ...booking, window: '3650d' }, 'window'],
    ['a window that is longer than numbers are', '/funnel', { ...booking, window: '99999999999d' }, 'window'],
    ['a pattern of wildcards', '/funnel', { ...range, steps: [{ match: { path: '*a'.repeat(11) } }] }, 'steps'],
    ['a pattern as long as a book', '/paths', { ...range, start: { path: 'a'.repeat(301) } }, 'start'],
    ['more filters than anybody needs', '/overview', { ...range, filters: of(21) }, 'filters'],
    ['a dimension that is none', '/breakdown', { ...range, dimension: 'password' }, 'dimension'],
    ['a point for every hour of two years', '/funnel', { ...booking, from: '2024-09-02', trend: 'hour' }, 'interval'],
    ['a page that no list has', '/funnel/people', { ...booking, step: 1, cursor: "1' OR 1=1" }, 'cursor'],
  ])('%s', async (_, path, body, place) => {
    const answer = await ask<{ error: { code: string; details: { path: string; message: string }[] } }>(path, body);
    expect(answer.status).toBe(400);
    expect(answer.body.error.code).toBe('invalid_request');
    expect(answer.body.error.details[0]?.path.split('.')[0]).toBe(place);
    expect(answer.body.error.details[0]?.message).not.toBe('');
  });
});

describe('what is odd but allowed is answered, bounded', () => {
  it.each([
    ['as many wildcards as a pattern may hold', '**a'.repeat(limits.patternWildcards)],
    ['what another kind of pattern would choke on', '(a+)+$'],
    ['what would end a statement', "'; DROP TABLE events; --"],
    ['what stands for a parameter', '{p0:String}'],
    ['a backslash and a percent sign', '\\%\\_%'],
  ])('%s is a pattern that fits nothing here', async (_, path) => {
    const startedAt = performance.now();
    const { status, body } = await ask<FunnelAnswer>('/funnel', { ...range, steps: [{ match: { path } }, step] });
    expect([status, body.steps?.map(({ count }) => count)]).toEqual([200, [0, 0]]);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('twenty steps within ninety days are counted', async () => {
    const { body } = await ask<FunnelAnswer>('/funnel', { ...range, window: '90d', steps: of(limits.funnelSteps) });
    // The start page was seen once by each of 60 strangers, and one event serves one step.
    expect(body.steps.map(({ count }) => count)).toEqual([60, ...Array(19).fill(0)]);
  });

  it('a property with another value on every event is cut, and says so', async () => {
    const orders = { ...range, by: 'session', steps: [{ match: { event: 'order' } }, { match: { event: 'booked' } }] };
    const { body } = await ask<FunnelAnswer>('/funnel', { ...orders, breakdown: 'prop:number' });
    expect(body.breakdown?.length).toBeLessThan(100);
    expect(body.breakdown?.at(-1)?.key).toBe('(other)');
    const sum = body.breakdown?.reduce((total, { steps: [first] }) => total + (first?.count ?? 0), 0);
    expect(sum).toBe(3_000);
    const ranked = await ask<{ items: unknown[]; total: number; cut: true }>('/breakdown', {
      ...range,
      dimension: 'prop:number',
    });
    expect([ranked.body.items.length, ranked.body.total, ranked.body.cut]).toEqual([10, 3_000, true]);
  });
});
