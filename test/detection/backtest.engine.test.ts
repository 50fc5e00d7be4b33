import { expect, onTestFinished, test } from 'vitest';
import { type BacktestAnswer, backtestRequest, type Rule, rule as ruleSchema } from '../../collector/contract/rule.ts';
import { backtest, waitCurveOf } from '../../collector/detection/backtest.ts';
import { identifyLead } from '../../collector/leads/identify.ts';
import { createEndpoint } from '../../collector/state/endpoints.ts';
import { leadOfVisitors } from '../../collector/state/leads.ts';
import { foldCases } from '../support/case-fold.ts';
import { fakeClock } from '../support/clock.ts';
import { testDatabase } from '../support/engine.ts';
import { event, pageview, visitorId } from '../support/factories.ts';
import { monthOfJourneys } from '../support/journeys.ts';
import { testState } from '../support/state.ts';

const hour = 3_600_000;
const day = 24 * hour;

async function setUp(now: string) {
  const clock = fakeClock(now);
  const db = await testDatabase();
  onTestFinished(() => db.drop());
  const store = await testState(clock.now);
  const { id: endpoint } = await createEndpoint(store.state, {
    siteId: 1,
    endpoint: { name: 'Mail', url: 'https://example.com/hook', events: [], enabled: true },
    nowMs: clock.now(),
  });
  const deps = { state: store.state, clickhouse: db.clickhouse, now: clock.now };
  return {
    clock,
    db,
    store,
    endpoint,
    test: (rule: Record<string, unknown>, days = 30): Promise<BacktestAnswer> =>
      backtest(deps, store.site, backtestRequest.parse({ rule: { name: 'Draft', ...rule }, days })),
  };
}

test('backtest: five people, worked out by hand', async () => {
  const { db, test: ask, endpoint } = await setUp('2026-09-02T10:00:00Z');
  const start = (visitor: string, at: string) =>
    event('booking_start', { visitor, at, path: '/book', value: 40, currency: 'EUR', props: { booking_id: at } });
  const done = (visitor: string, at: string, id: string) =>
    event('booking_done', { visitor, at, props: { booking_id: id } });
  await db.insert([
    pageview({ visitor: 'ana', at: '09:59', path: '/pricing' }),
    start('ana', '10:00'), // never finishes: fires
    start('ben', '10:00'),
    done('ben', '10:20', '10:00'), // in time
    start('cleo', '10:00'),
    done('cleo', '12:00', '10:00'), // fires at 11:00, comes back at 12:00
    start('dan', '10:00'), // fires, and its second booking is under cool-down
    start('dan', '15:00'),
    start('eve', '2026-09-02T09:30:00Z'), // still waits
  ]);
  const rule = {
    intent: { event: 'booking_start' },
    key: 'prop:booking_id',
    complete: [{ event: 'booking_done' }],
    wait: '60m',
    followUps: [
      { after: '0s', endpoint },
      { after: '24h', endpoint },
    ],
  };
  const answer = await ask(rule);
  expect(answer).toMatchObject({
    sample: 1,
    intents: 6,
    people: 5,
    cases: 6,
    wouldFire: 3,
    // Ana and Dan get both messages, Cleo comes back before the second one.
    messages: 5,
    recoveredLater: 1,
    selfRecovered: 1,
    cooledDown: 1,
    capped: 0,
    withheld: { cooldown: 1 },
    waiting: 1,
    value: 120,
    currency: 'EUR',
    finishers: 2,
    suggestedWait: null,
  });
  expect(answer.sentence).toContain('Only 2 finished');
  expect(answer.waitCurve.find(({ wait }) => wait === '20m')).toEqual({ wait: '20m', finished: 0.5 });
  expect(answer.waitCurve.at(-1)).toEqual({ wait: '2h', finished: 1 });
  const outcomes = answer.examples.map(({ visitor, outcome, reason }) => `${visitor} ${outcome} ${reason}`);
  expect(outcomes.toSorted()).toEqual(
    [
      `${visitorId('ana')} fires null`,
      `${visitorId('ben')} self-recovered null`,
      `${visitorId('cleo')} fires null`,
      `${visitorId('dan')} fires null`,
      `${visitorId('dan')} withheld cooldown`,
    ].toSorted(),
  );
  expect(answer.examples[0]).toMatchObject({ at: '2026-09-01T15:00:00.000Z', path: '/book', value: 40 });
  // With the endpoint gone every case would be withheld, and nothing else changes.
  const gone = await ask({ ...rule, followUps: [{ after: '0s', endpoint: 'end_gone' }] });
  expect(gone).toMatchObject({ wouldFire: 0, selfRecovered: 1, withheld: { 'endpoint-disabled': 3, cooldown: 1 } });
});

test('backtest: agrees with the slow reference of detection, rule by rule, over a month of journeys', async () => {
  const untilMs = Date.parse('2026-10-01T00:00:00Z');
  const { db, store, test: ask, endpoint } = await setUp('2026-10-01T00:00:00Z');
  const journeys = monthOfJourneys({ people: 2_000, startMs: Date.parse('2026-09-01T00:00:00Z') });
  // A backtest knows when things happened, not when they arrived.
  const rows = journeys.rows.map((row) => ({ ...row, received_at: row.ts })).filter((row) => row.ts < '2026-10-01');
  await db.insert(rows);
  for (const { visitor, email } of journeys.known) {
    await identifyLead(
      { state: store.state, reactions: [] },
      { site: store.site, visitorId: visitorId(visitor), identity: { email }, now: 0 },
    );
  }
  const visitors = [...new Set(rows.map((row) => row.visitor_id))];
  const leads = await leadOfVisitors(store.state, 1, visitors);
  const rules: Rule[] = [
    {
      intent: { event: 'booking_start' },
      key: 'prop:booking_id',
      complete: [{ event: 'booking_done' }],
      wait: '60m',
      cooldown: '5d',
      followUps: [
        { after: '0s', endpoint },
        { after: '24h', endpoint },
      ],
    },
    {
      intent: { event: 'form_start' },
      complete: [{ event: 'form_submit' }],
      wait: '10m',
      cooldown: '0s',
      audience: 'identified',
      perPersonCap: '72h',
      quietHours: { from: '21:00', to: '08:00', days: ['sun'] },
      followUps: [{ after: '0s', endpoint }],
    },
    {
      intent: { event: 'quote_start' },
      complete: [{ event: 'quote_sent' }],
      wait: '2h',
      holdout: 0.3,
      audience: 'consented',
      recoveryWindow: '2d',
      followUps: [{ after: '1h', endpoint }],
    },
    { intent: { path: '/pricing' }, complete: [{ event: 'contact_click' }], wait: '6h', cooldown: '3d' },
  ].map((written) => ruleSchema.parse({ name: 'Draft', ...written }));
  for (const rule of rules) {
    const answer = await ask(rule);
    const expected = foldCases(rows, {
      rules: [{ ...rule, id: 'draft' }],
      untilMs,
      personOf: (visitor) => ({ id: leads.get(visitor)?.id ?? visitor, isKnown: leads.has(visitor) }),
      timezone: store.site.timezone,
    });
    const count = (is: (one: (typeof expected)[number]) => boolean) => expected.filter(is).length;
    const fired = expected.filter(({ state }) => state === 'abandoned' || state === 'recovered' || state === 'expired');
    const withheld = new Map<string, number>();
    for (const { reason } of expected) {
      if (reason && reason !== 'completed') withheld.set(reason, (withheld.get(reason) ?? 0) + 1);
    }
    expect(answer).toMatchObject({
      sample: 1,
      cases: expected.length,
      wouldFire: fired.length,
      messages: fired.reduce((sum, { messages }) => sum + messages.filter(({ cancelled }) => !cancelled).length, 0),
      recoveredLater: count(({ state }) => state === 'recovered'),
      selfRecovered: count(({ reason }) => reason === 'completed'),
      withheld: Object.fromEntries(withheld),
      waiting: count(({ state }) => state === 'waiting'),
    });
    expect(fired.length).toBeGreaterThan(10);
  }
});

test('wait curve: suggests the shortest usual wait by which nine of ten finishers have finished', () => {
  const intent = { at: 0 } as Parameters<typeof waitCurveOf>[0][number]['intent'];
  // 36 of 40 finish within 31 to 35 minutes, four after a day.
  const cases = [
    ...Array.from({ length: 36 }, (_, index) => ({ intent, completedAtMs: (31 + (index % 5)) * 60_000 })),
    ...Array.from({ length: 4 }, () => ({ intent, completedAtMs: day })),
    { intent, completedAtMs: null },
  ];
  const curve = waitCurveOf(cases, 1);
  expect([curve.finishers, curve.suggestedWait]).toEqual([40, '35m']);
  expect(curve.sentence).toBe('After 35 min, 90% of those who finish have finished.');
  expect(curve.waitCurve.at(-1)).toEqual({ wait: '24h', finished: 1 });
  expect(waitCurveOf([], 1)).toMatchObject({ waitCurve: [], suggestedWait: null });
});
