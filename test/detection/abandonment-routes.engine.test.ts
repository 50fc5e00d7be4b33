import { expect, test } from 'vitest';
import type {
  Abandonment,
  AbandonmentCounts,
  AbandonmentSummary,
  AbandonmentsSummary,
  VisitorTimeline,
  WhyAnswer,
} from '../../collector/contract/abandonment.ts';
import type { List } from '../../collector/contract/answers.ts';
import { type CaseState, caseStates } from '../../collector/contract/names.ts';
import { createLead } from '../../collector/leads/create-lead.ts';
import { identifyLead } from '../../collector/leads/identify.ts';
import { mergeLeads, unmergeLead } from '../../collector/leads/merge-leads.ts';
import { abandonmentRoutes } from '../../collector/routes/abandonments.ts';
import { acting } from '../support/acting.ts';
import { type EventSketch, event, pageview, visitorId } from '../support/factories.ts';
import { siteApp } from '../support/site-app.ts';

const start = (at: string, visitor: string, more: EventSketch = {}) =>
  event('booking_start', { at, visitor, path: '/book', value: 89, props: { booking_id: visitor }, ...more });

async function setUp() {
  const all = await acting();
  const { store, rules, db, clock } = all;
  const routes = abandonmentRoutes({ state: store.state, rules, clickhouse: db.clickhouse, now: clock.now });
  const { get, send } = siteApp(store.site, routes);
  return { ...all, get, status: async (path: string) => (await send('GET', path))[0] };
}

/** Ana is written about, Ben finishes in time, Cleo finishes late, Dan waits. */
async function fourPeople() {
  const all = await setUp();
  const { clock, arrive, detector, dispatcher, store } = all;
  const identity = { email: 'ana@example.com', name: 'Ana' };
  await identifyLead(
    { state: store.state, reactions: [] },
    { site: store.site, visitorId: visitorId('ana'), identity, now: clock.now() },
  );
  await arrive(
    pageview({ at: '10:00:30', visitor: 'ana', path: '/pricing' }),
    start('10:01', 'ana'),
    start('10:02', 'ben'),
    event('booking_done', { at: '10:20', visitor: 'ben', props: { booking_id: 'ben' } }),
    start('10:03', 'cleo'),
  );
  clock.set('2026-09-01T11:10:00Z');
  await detector.runOnce();
  while ((await dispatcher.runOnce()) > 0);
  await arrive(
    event('booking_done', { at: '11:20', visitor: 'cleo', props: { booking_id: 'cleo' } }),
    start('11:25', 'dan'),
  );
  clock.set('2026-09-01T11:30:00Z');
  await detector.runOnce();
  return all;
}

test('abandonments: a count opens into exactly that many cases, whatever the filter', async () => {
  const { get, ruleId } = await fourPeople();
  const filters = ['', `rule=${ruleId}`, 'rule=rul_nobody', 'from=2026-09-01T10:02:00Z', 'to=2026-09-01T10:03:00Z'];
  for (const filter of filters) {
    const { states } = await get<AbandonmentCounts>(`/abandonments/counts?${filter}`);
    expect(Object.keys(states)).toEqual([...caseStates]);
    for (const state of caseStates) {
      const list = await get<List<AbandonmentSummary>>(`/abandonments?${filter}&state=${state}`);
      expect([filter, state, list.total, list.items.length]).toEqual([filter, state, states[state], states[state]]);
    }
  }
  expect((await get<AbandonmentCounts>('/abandonments/counts')).states).toEqual({
    waiting: 1,
    abandoned: 0,
    notified: 1,
    recovered: 1,
    expired: 0,
    suppressed: 1,
  } satisfies Record<CaseState, number>);
});

test('abandonments: cases of two leads that are merged are those of one person, and each has its own again when they are parted', async () => {
  const { get, store, clock, ruleId } = await fourPeople();
  const ledger = { state: store.state, now: clock.now, reactions: [] };
  const by = { site: store.site, actor: 'user:u1' };
  const said = await identifyLead(ledger, {
    site: store.site,
    visitorId: visitorId('dan'),
    identity: { email: 'ana@work.example' },
    now: clock.now(),
  });
  const dan = said?.leadId ?? '';
  const shown = async (filter: string) =>
    (await get<List<AbandonmentSummary>>(`/abandonments?${filter}`)).items.map(({ key, leadId }) => [key, leadId]);
  const ofBrowser = (name: string) => shown(`visitor=${visitorId(name)}`);
  const [[, leadOfAna] = []] = await ofBrowser('ana');
  const ana = leadOfAna ?? '';
  const apart = [[['ana', ana]], [['dan', dan]]];
  expect(await Promise.all(['ana', 'dan'].map(ofBrowser))).toEqual(apart);

  await mergeLeads(ledger, { ...by, leadId: ana, from: dan });
  const both = [
    ['dan', ana],
    ['ana', ana],
  ];
  // By the old id, too: it may be in a link, or in another tool.
  const ways = [shown(`lead=${ana}`), shown(`lead=${dan}`), ofBrowser('ana'), ofBrowser('dan')];
  expect(await Promise.all(ways)).toEqual([both, both, both, both]);
  expect(await get(`/why?rule=${ruleId}&lead=${dan}`)).toEqual(await get(`/why?rule=${ruleId}&lead=${ana}`));

  await unmergeLead(ledger, { ...by, leadId: dan });
  expect(await Promise.all([ana, dan].map((id) => shown(`lead=${id}`)))).toEqual(apart);
  expect(await Promise.all(['ana', 'dan'].map(ofBrowser))).toEqual(apart);
});

test('abandonments: newest first, page by page, with who it is about and what it is worth', async () => {
  const { get } = await fourPeople();
  const first = await get<List<AbandonmentSummary>>('/abandonments?limit=3');
  const second = await get<List<AbandonmentSummary>>(`/abandonments?limit=3&cursor=${first.next}`);
  expect(first.items.map(({ key }) => key)).toEqual(['dan', 'cleo', 'ben']);
  expect([first.total, second.total, second.next]).toEqual([4, 4, null]);
  expect(second.items).toMatchObject([
    {
      rule: 'Booking abandoned',
      kind: 'booking',
      state: 'notified',
      key: 'ana',
      email: 'ana@example.com',
      name: 'Ana',
      path: '/book',
      value: 89,
      currency: 'EUR',
      occurredAt: '2026-09-01T10:01:00.000Z',
      dueAt: '2026-09-01T11:01:00.000Z',
      abandonedAt: '2026-09-01T11:10:00.000Z',
    },
  ]);
});

test('abandonments: a date is a day in the time zone of the site', async () => {
  const { get, arrive, clock, detector } = await fourPeople();
  // 22:30 UTC on the 1st is half past midnight on the 2nd in Berlin.
  await arrive(start('22:30', 'eva'));
  clock.set('2026-09-01T22:31:00Z');
  await detector.runOnce();
  const of = async (range: string) =>
    (await get<List<AbandonmentSummary>>(`/abandonments?${range}`)).items.map(({ key }) => key);
  expect(await of('from=2026-09-02&to=2026-09-03')).toEqual(['eva']);
  expect(await of('from=2026-09-01&to=2026-09-02')).toEqual(['dan', 'cleo', 'ben', 'ana']);
});

test('abandonments: one case tells its history, what the visitor did, and what was sent', async () => {
  const { get, status } = await fourPeople();
  const { items } = await get<List<AbandonmentSummary>>('/abandonments?state=notified');
  const one = await get<Abandonment>(`/abandonments/${items[0]?.id}`);
  expect(one.history.map(({ at, state }) => [at.slice(11, 19), state])).toEqual([
    ['11:10:00', 'waiting'],
    ['11:10:00', 'abandoned'],
    ['11:10:00', 'notified'],
  ]);
  expect(one.timeline.map(({ at, name, path }) => [at.slice(11, 19), name, path])).toEqual([
    ['10:00:30', 'pageview', '/pricing'],
    ['10:01:00', 'booking_start', '/book'],
    // What became of it, as events that a funnel can have as steps.
    ['11:10:00', 'abandonment', '/book'],
    ['11:10:00', 'abandonment_notified', '/book'],
  ]);
  expect(one.deliveries).toMatchObject([
    { type: 'abandonment.created', state: 'delivered', endpoint: 'Automation', attempts: [{ status: 200 }] },
  ]);
  expect(one).toMatchObject({ ruleVersion: 1, ruleThen: { name: 'Booking abandoned', wait: '60m' } });
  expect(one.checks.map(({ check, result }) => `${check} ${result}`)).toEqual([
    'rule passed',
    'completion passed',
    'bot passed',
    'cooldown passed',
    'identity passed',
    'consent passed',
    'endpoint passed',
    'quiet-hours passed',
    'person-cap passed',
    'holdout passed',
  ]);
  expect(JSON.parse(one.deliveries[0]?.body ?? '').data).toMatchObject({ email: 'ana@example.com', id: one.id });
  expect(await status('/abandonments/cas_nobody')).toBe(404);
});

test('abandonments: the sums of a range, and every number opens as that many cases', async () => {
  const { get } = await fourPeople();
  const range = 'from=2026-09-01&to=2026-09-03';
  const sums = await get<AbandonmentsSummary>(`/abandonments/summary?${range}`);
  // Ana and Cleo were abandoned and written about, Cleo finished late; Ben finished in time; Dan waits.
  expect(sums).toEqual({
    abandoned: 2,
    notified: 2,
    recovered: 1,
    // Cleo's booking_done carries no money, so it is what she had begun.
    recoveredValue: 89,
    abandonedValue: 178,
    currency: 'EUR',
    otherCurrencies: 0,
    waiting: 1,
    trend: [
      { on: '2026-09-01', abandoned: 2, notified: 2, recovered: 1, recoveredValue: 89 },
      { on: '2026-09-02', abandoned: 0, notified: 0, recovered: 0, recoveredValue: 0 },
    ],
  });
  for (const reached of ['abandoned', 'notified', 'recovered'] as const) {
    const list = await get<List<AbandonmentSummary>>(`/abandonments?${range}&reached=${reached}`);
    expect([reached, list.total]).toEqual([reached, sums[reached]]);
  }
  const none = await get<AbandonmentsSummary>(`/abandonments/summary?${range}&rule=rul_nobody`);
  expect(none).toMatchObject({ abandoned: 0, waiting: 0, trend: [{ abandoned: 0 }, { abandoned: 0 }] });
});

test('why: each check in order, for whoever was written to, finished in time, finished late, waits, or never came', async () => {
  const { get, status, ruleId, store, clock } = await fourPeople();
  const why = (visitor: string) => get<WhyAnswer>(`/why?rule=${ruleId}&visitor=${visitorId(visitor)}`);
  const ana = await why('ana');
  expect([ana.outcome, ana.sentence]).toEqual(['sent', 'It fired: Automation has the message.']);
  expect(ana.lead).toMatchObject({ email: 'ana@example.com' });
  expect(ana.checks.map(({ check, at, result }) => [check, at?.slice(11, 19) ?? null, result])).toEqual([
    ['intent', '10:01:00', 'passed'],
    ['arrival', '10:01:00', 'passed'],
    ['wait', '11:01:00', 'passed'],
    ['rule', '11:10:00', 'passed'],
    ['completion', '11:10:00', 'passed'],
    ['bot', '11:10:00', 'passed'],
    ['cooldown', '11:10:00', 'passed'],
    ['identity', '11:10:00', 'passed'],
    ['consent', '11:10:00', 'passed'],
    ['endpoint', '11:10:00', 'passed'],
    ['quiet-hours', '11:10:00', 'passed'],
    ['person-cap', '11:10:00', 'passed'],
    ['holdout', '11:10:00', 'passed'],
    ['message', '11:10:00', 'passed'],
    ['recovery', null, 'waiting'],
  ]);
  expect(await get(`/why?rule=${ruleId}&lead=${ana.lead?.id}`)).toEqual(ana);
  expect(await why('ben')).toMatchObject({
    outcome: 'completed',
    checks: [{ check: 'intent' }, { check: 'arrival' }, { check: 'completion', result: 'stopped' }],
  });
  expect(await why('cleo')).toMatchObject({ outcome: 'recovered' });
  expect(await why('dan')).toMatchObject({
    outcome: 'waiting',
    sentence: 'The wait runs until 2026-09-01T12:25:00.000Z.',
  });
  expect(await why('nobody')).toMatchObject({
    outcome: 'no-intent',
    checks: [{ check: 'intent', result: 'stopped', note: expect.stringContaining('Known bots') }],
    intents: [],
  });
  const ledger = { state: store.state, now: clock.now, reactions: [] };
  const { lead } = await createLead(ledger, { site: store.site, said: { name: 'Eva' }, actor: 'local', how: 'api' });
  expect(await get(`/why?rule=${ruleId}&lead=${lead.id}`)).toMatchObject({
    outcome: 'no-intent',
    lead: { name: 'Eva' },
  });
  expect(await get(`/abandonments?lead=${lead.id}`)).toMatchObject({ total: 0, items: [] });
  const refused = await Promise.all(
    [`rule=${ruleId}`, `rule=${ruleId}&visitor=ana`, `rule=${ruleId}&lead=led_x`, 'rule=rul_x&visitor=1'].map((query) =>
      status(`/why?${query}`),
    ),
  );
  expect(refused).toEqual([400, 400, 404, 404]);
});

test('why: an intent that started no case says what stopped it', async () => {
  const { get, clock, arrive, detector, rules, ruleId } = await setUp();
  const why = (visitor: string) => get<WhyAnswer>(`/why?rule=${ruleId}&visitor=${visitorId(visitor)}`);
  await rules.patch(1, ruleId, { enabled: false });
  await arrive(start('10:01', 'ana'));
  clock.set('2026-09-01T10:30:00Z');
  expect(await why('ana')).toMatchObject({ outcome: 'no-case', sentence: 'The rule is off.' });
  await rules.patch(1, ruleId, { enabled: true });
  await arrive(
    start('10:31', 'ben'),
    start('10:33', 'ben'),
    start('08:00', 'cleo', { receivedAt: '2026-09-02T09:00:00Z' }),
  );
  clock.set('2026-09-01T10:34:00Z');
  await detector.runOnce();
  expect(await why('ana')).toMatchObject({
    checks: [
      { check: 'intent' },
      { check: 'rule', result: 'stopped', note: expect.stringContaining('since 2026-09-01T10:30') },
    ],
  });
  // A second start while the first one waits belongs to its case.
  const { intents } = await why('ben');
  expect(intents.map(({ at, caseId, outcome }) => [at.slice(11, 16), caseId === intents[1]?.caseId, outcome])).toEqual([
    ['10:33', true, 'waiting'],
    ['10:31', true, 'waiting'],
  ]);
  expect(intents[0]?.checks[1]).toMatchObject({ check: 'arrival', result: 'stopped' });
});

test('visitors: what one person did around a moment, on all devices', async () => {
  const { get, status, store, clock } = await fourPeople();
  const identity = { email: 'ana@example.com' };
  await identifyLead(
    { state: store.state, reactions: [] },
    { site: store.site, visitorId: visitorId('ben'), identity, now: clock.now() },
  );
  const path = `/visitors/${visitorId('ana')}?at=2026-09-01T10:00:00Z`;
  const { visitors, lead, timeline } = await get<VisitorTimeline>(path);
  expect([visitors.length, lead?.name]).toEqual([2, 'Ana']);
  expect(timeline.map(({ at, name }) => [at.slice(11, 16), name])).toEqual([
    ['10:00', 'pageview'],
    ['10:01', 'booking_start'],
    ['10:02', 'booking_start'],
    ['10:20', 'booking_done'],
    ['11:10', 'abandonment'],
    ['11:10', 'abandonment_notified'],
  ]);
  expect(await status('/visitors/ana')).toBe(404);
});
