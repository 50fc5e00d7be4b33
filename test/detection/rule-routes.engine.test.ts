import { expect, test } from 'vitest';
import type { List } from '../../collector/contract/answers.ts';
import type { RuleCheck, RuleUse, RuleVersion, SavedRule } from '../../collector/contract/rule.ts';
import { ruleRoutes } from '../../collector/routes/rules.ts';
import { patchEndpoint } from '../../collector/state/endpoints.ts';
import { acting } from '../support/acting.ts';
import { event, pageview } from '../support/factories.ts';
import { siteApp } from '../support/site-app.ts';

interface Refusal {
  error: { code: string; message: string; details: { path: string; message: string }[] };
}

async function setUp() {
  const all = await acting();
  const { store, rules, db, clock } = all;
  const routes = ruleRoutes({ rules, state: store.state, clickhouse: db.clickhouse, now: clock.now });
  return { ...all, ...siteApp(store.site, routes) };
}

const quote = {
  name: 'Quote not sent',
  kind: 'quote',
  intent: { event: 'quote_start' },
  complete: [{ event: 'quote_sent' }],
};

test('rules: made with the defaults of their kind, listed, changed and deleted', async () => {
  const { send, ruleId } = await setUp();
  const [status, made] = await send<SavedRule>('POST', '/rules', quote);
  expect(status).toBe(201);
  expect(made).toMatchObject({
    ...quote,
    enabled: false,
    wait: '60m',
    cooldown: '7d',
    perPersonCap: '16h',
    version: 1,
  });
  const waits = await Promise.all(
    ['browse', 'form', 'checkout'].map(
      async (kind) => (await send<SavedRule>('POST', '/rules', { ...quote, kind }))[1],
    ),
  );
  expect(waits.map(({ wait }) => wait)).toEqual(['24h', '30m', '4h']);
  expect(await send('PATCH', `/rules/${made.id}`, { wait: '2h' })).toMatchObject([200, { wait: '2h', version: 2 }]);
  expect(await send('GET', '/rules')).toMatchObject([200, { total: 5 }]);
  // Off, and without a case: nothing would stop.
  expect(await send('DELETE', `/rules/${made.id}`)).toEqual([204, null]);
  expect(await send('GET', `/rules/${made.id}`)).toMatchObject([404, {}]);
  expect(await send('GET', `/rules/${ruleId}`)).toMatchObject([200, { name: 'Booking abandoned' }]);
});

test.each<[string, Record<string, unknown>, string, RegExp]>([
  ['no completion', { complete: [] }, 'complete', /./],
  ['the intent completes', { complete: [{ event: 'quote_start' }] }, 'complete.0', /never fire/],
  ['it reads what rules write', { intent: { event: 'abandonment' } }, 'intent.event', /answer itself/],
  ['it ends by what rules write', { complete: [{ event: 'abandonment_recovered' }] }, 'complete.0.event', /itself/],
  [
    'a message after the case is over',
    { followUps: [{ after: '7d', endpoint: 'END' }] },
    'followUps.0.after',
    /never go out/,
  ],
  [
    'the same message twice',
    {
      followUps: [
        { after: '1h', endpoint: 'END' },
        { after: '60m', endpoint: 'END' },
      ],
    },
    'followUps.1',
    /already/,
  ],
  ['an endpoint nobody made', { followUps: [{ after: '0s', endpoint: 'end_x' }] }, 'followUps.0.endpoint', /no such/],
  [
    'every day quiet',
    { quietHours: { from: '21:00', to: '08:00', days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] } },
    'quietHours.days',
    /Every day/,
  ],
  ['a window longer than events are kept', { recoveryWindow: '61d' }, 'recoveryWindow', /60d/],
  ['a wait of months', { wait: '31d' }, 'wait', /30d/],
])('rules: %s is refused with the place', async (_title, wrong, path, message) => {
  const { send, endpoint } = await setUp();
  const body = JSON.parse(JSON.stringify({ ...quote, ...wrong }).replaceAll('"END"', `"${endpoint.id}"`)) as unknown;
  const [status, answer] = await send<Refusal>('POST', '/rules', body);
  expect([status, answer.error.code]).toEqual([400, 'invalid_request']);
  expect(answer.error.details).toMatchObject([{ path, message: expect.stringMatching(message) }]);
});

test('rules: an event that the site has never sent is refused with what may be meant, unless it is said to be coming', async () => {
  const { send, arrive, clock } = await setUp();
  const rule = { ...quote, intent: { event: 'quote_strat' }, complete: [{ event: 'Quote Sent' }], enabled: true };
  // Nothing has been sent at all: the site is being set up.
  expect((await send('POST', '/rules', { ...rule, name: 'Early' }))[0]).toBe(201);
  await arrive(
    pageview({ at: '10:00' }),
    event('quote_start', { at: '10:00:10' }),
    event('quote_sent', { at: '10:00:20' }),
  );
  clock.set('2026-09-01T10:01:00Z');
  const [status, answer] = await send<Refusal>('POST', '/rules', rule);
  expect(status).toBe(400);
  expect(answer.error.details).toMatchObject([
    { path: 'intent.event', message: expect.stringContaining('Did you mean quote_start?') },
    { path: 'complete.0.event', message: expect.stringContaining('Did you mean quote_sent?') },
  ]);
  const [saved, made] = await send<SavedRule>('POST', '/rules?unknown=allow', rule);
  expect([saved, made.warnings.length]).toEqual([201, 2]);
  // A draft may be ahead of the site; switching it on may not.
  const [, draft] = await send<SavedRule>('POST', '/rules', { ...rule, enabled: false });
  expect(draft.warnings).toHaveLength(2);
  expect((await send('PATCH', `/rules/${draft.id}`, { enabled: true }))[0]).toBe(400);
  // What the tracker sends by itself is never unknown.
  const form = { ...rule, intent: { event: 'form_start' }, complete: [{ event: 'form_submit' }, { path: '/thanks' }] };
  const [, check] = await send<RuleCheck>('POST', '/rules/check', { ...form, key: 'prop:form' });
  expect(check).toMatchObject({
    errors: [],
    unknown: [],
    warnings: [{ path: 'complete.1.path' }, { path: 'key', message: expect.stringContaining('property form') }],
  });
});

test('rules: an endpoint that is off, or a holdout without messages, is said', async () => {
  const { send, store, endpoint, clock } = await setUp();
  await patchEndpoint(store.state, { siteId: 1, id: endpoint.id, patch: { enabled: false }, nowMs: clock.now() });
  const followUps = [{ after: '0s', endpoint: endpoint.id }];
  const [, silent] = await send<SavedRule>('POST', '/rules', { ...quote, followUps });
  expect(silent.warnings).toMatchObject([{ path: 'followUps.0.endpoint', message: expect.stringMatching(/is off/) }]);
  const [, pointless] = await send<SavedRule>('POST', '/rules', { ...quote, holdout: 0.1 });
  expect(pointless.warnings).toMatchObject([{ path: 'holdout' }]);
});

test('rules: deleting one in use asks, and says what would stop', async () => {
  const { send, ruleId, arrive, clock, detector, cases, deliveries, rules, endpoint } = await setUp();
  await rules.patch(1, ruleId, {
    followUps: [
      { after: '0s', endpoint: endpoint.id },
      { after: '24h', endpoint: endpoint.id },
    ],
  });
  await arrive(event('booking_start', { at: '10:01', visitor: 'ana' }));
  clock.set('2026-09-01T11:02:00Z');
  await detector.runOnce();
  await arrive(event('booking_start', { at: '11:02', visitor: 'ben' }));
  clock.set('2026-09-01T11:03:00Z');
  await detector.runOnce();
  const stops = [
    'The rule is on: it would stop looking for new cases.',
    '1 case waiting for the end of the wait would end without a message.',
    '2 planned messages would be taken back.',
    '1 case that can still be recovered stay open, and a recovery is still told.',
  ];
  const [, use] = await send<RuleUse>('GET', `/rules/${ruleId}/use`);
  expect(use).toEqual({ inUse: true, waiting: 1, plannedMessages: 2, open: 1, stops });
  const [status, answer] = await send<Refusal>('DELETE', `/rules/${ruleId}`);
  expect([status, answer.error.code]).toEqual([409, 'conflict']);
  expect(answer.error.details.map(({ message }) => message)).toEqual(stops);
  expect((await cases()).map(({ state }) => state)).toEqual(['abandoned', 'waiting']);
  expect((await send('DELETE', `/rules/${ruleId}?confirm=true`))[0]).toBe(204);
  expect((await cases()).map(({ state, reason }) => [state, reason])).toEqual([
    ['abandoned', null],
    ['suppressed', 'rule-deleted'],
  ]);
  expect((await deliveries()).every(({ state }) => state === 'cancelled')).toBe(true);
});

test('rules: one whose endpoint is gone can still be switched off', async () => {
  const { send, ruleId, store, clock } = await setUp();
  await store.state.db
    .updateTable('endpoints')
    .set({ deleted_at: new Date(clock.now()).toISOString() })
    .execute();
  expect((await send('PATCH', `/rules/${ruleId}`, { wait: '2h' }))[0]).toBe(400);
  expect(await send('PATCH', `/rules/${ruleId}`, { enabled: false })).toMatchObject([200, { enabled: false }]);
});

test('rules: every version stays, with the cases that it made', async () => {
  const { send, ruleId, arrive, clock, detector } = await setUp();
  await arrive(event('booking_start', { at: '10:01', visitor: 'ana' }));
  clock.set('2026-09-01T10:02:00Z');
  await detector.runOnce();
  await send('PATCH', `/rules/${ruleId}`, { wait: '2h' });
  const [, { items }] = await send<List<RuleVersion>>('GET', `/rules/${ruleId}/versions`);
  expect(items.map(({ version, rule, cases }) => [version, rule.wait, cases])).toEqual([
    [2, '2h', 0],
    [1, '60m', 1],
  ]);
});
