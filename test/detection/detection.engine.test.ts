import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createDetector } from '../../collector/detection/run.ts';
import { createStillAbandoned } from '../../collector/detection/still-abandoned.ts';
import { AppError } from '../../collector/errors.ts';
import { identifyLead } from '../../collector/leads/identify.ts';
import { patchEndpoint } from '../../collector/state/endpoints.ts';
import { acting } from '../support/acting.ts';
import { type EventSketch, event, pageview, visitorId } from '../support/factories.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const start = (at: string, more: EventSketch = {}) =>
  event('booking_start', { at, path: '/book', props: { booking_id: 'b1' }, ...more });
const done = (at: string, more: EventSketch = {}) =>
  event('booking_done', { at, path: '/done', props: { booking_id: 'b1' }, ...more });

test('an unfinished booking is abandoned when the wait is over, and written about once', async () => {
  const { clock, arrive, detector, dispatcher, cases, history, receiver, endpoint, got } = await acting();
  await arrive(pageview({ at: '10:00:30', path: '/pricing', title: 'Prices' }), start('10:01', { title: 'Book' }));
  clock.set('2026-09-01T10:02:00Z');
  await detector.runOnce();
  expect(await cases()).toMatchObject([{ state: 'waiting', key: 'b1' }]);

  // One millisecond before 11:01 the wait is not over.
  clock.set('2026-09-01T11:00:59.999Z');
  await detector.runOnce();
  expect(await dispatcher.runOnce()).toBe(0);
  clock.advance(1);
  await detector.runOnce();
  expect(await cases()).toMatchObject([{ state: 'abandoned', abandoned_at: '2026-09-01T11:01:00.000Z' }]);
  await dispatcher.runOnce();
  expect(await cases()).toMatchObject([{ state: 'notified' }]);

  for (let tick = 0; tick < 5; tick += 1) {
    clock.advance(15_000);
    await detector.runOnce();
    expect(await dispatcher.runOnce()).toBe(0);
  }
  expect(got()).toEqual(['abandonment.created b1 1']);
  expect(await history()).toEqual(['waiting', 'abandoned', 'notified']);

  const [sent] = receiver.received;
  vi.useFakeTimers({ now: Date.parse('2026-09-01T11:01:00Z'), toFake: ['Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  expect(new Webhook(endpoint.secret).verify(sent?.body ?? '', sent?.headers as Record<string, string>)).toMatchObject({
    type: 'abandonment.created',
    data: {
      rule: 'Booking abandoned',
      key: 'b1',
      visitor: visitorId('ana'),
      page: 'Book',
      resumeUrl: 'https://example.com/book',
      occurredAt: '2026-09-01T10:01:00.000Z',
      detectedAt: '2026-09-01T11:01:00.000Z',
      viewed: [{ path: '/pricing', title: 'Prices', at: '2026-09-01T10:00:30.000Z' }],
    },
  });
});

test('a booking finished in time sends nothing', async () => {
  const { clock, arrive, detector, dispatcher, cases, receiver, deliveries } = await acting();
  await arrive(start('10:01'));
  clock.set('2026-09-01T10:05:00Z');
  await detector.runOnce();
  await arrive(done('10:30'));
  clock.set('2026-09-01T10:31:00Z');
  await detector.runOnce();
  expect(await cases()).toMatchObject([{ state: 'suppressed', reason: 'completed' }]);
  clock.advance(2 * day);
  await detector.runOnce();
  expect(await dispatcher.runOnce()).toBe(0);
  expect(await deliveries()).toEqual([]);
  expect(receiver.connections()).toBe(0);
});

test('a booking finished late sends recovered with the id of its case, once', async () => {
  const { clock, arrive, detector, dispatcher, cases, receiver, got } = await acting();
  await arrive(start('10:01'));
  clock.set('2026-09-01T11:01:00Z');
  await detector.runOnce();
  await dispatcher.runOnce();
  await arrive(done('11:30'), done('11:40'));
  clock.set('2026-09-01T11:45:00Z');
  await detector.runOnce();
  await dispatcher.runOnce();
  clock.advance(minute);
  await detector.runOnce();
  await dispatcher.runOnce();
  expect(got()).toEqual(['abandonment.created b1 1', 'abandonment.recovered b1 1']);
  const [created, recovered] = receiver.received.map(({ message }) => message);
  expect(recovered?.data.id).toBe(created?.data.id);
  expect(recovered).toMatchObject({ timestamp: '2026-09-01T11:30:00.000Z', data: { state: 'recovered' } });
  expect(await cases()).toMatchObject([{ state: 'recovered', recovered_at: '2026-09-01T11:45:00.000Z' }]);
});

test('a booking finished before its message went out: nothing is sent at all', async () => {
  const { clock, arrive, detector, dispatcher, cases, deliveries, receiver } = await acting();
  await arrive(start('10:01'));
  clock.set('2026-09-01T11:01:00Z');
  await detector.runOnce();
  // Stored after the case became abandoned and before anybody was called.
  await arrive(done('11:01:30'));
  clock.set('2026-09-01T11:02:00Z');
  await dispatcher.runOnce();
  await detector.runOnce();
  clock.advance(day);
  await dispatcher.runOnce();
  expect(receiver.connections()).toBe(0);
  expect(await deliveries()).toMatchObject([{ type: 'abandonment.created', state: 'cancelled', attempts: [] }]);
  expect(await cases()).toMatchObject([{ state: 'recovered' }]);
});

test('a completion that is seen while the message is being checked: neither message is sent', async () => {
  const { clock, arrive, detector, dispatcherFor, deliveries, receiver } = await acting();
  await arrive(start('10:01'));
  clock.set('2026-09-01T11:01:00Z');
  await detector.runOnce();
  const dispatcher = dispatcherFor({
    // Still abandoned when asked; by the time the answer is there, it is not.
    isStillAbandoned: async (id) => {
      const answer = await detector.isStillAbandoned(id);
      await arrive(done('11:01:01'));
      clock.advance(2_000);
      await detector.runOnce();
      return answer;
    },
  });
  await dispatcher.runOnce();
  await dispatcher.runOnce();
  expect(receiver.connections()).toBe(0);
  expect(await deliveries()).toMatchObject([{ type: 'abandonment.created', state: 'cancelled' }]);
});

test('a message whose answer was lost may have arrived, so the recovery is told', async () => {
  const { clock, arrive, detector, dispatcher, receiver, got } = await acting();
  receiver.plan('reset');
  await arrive(start('10:01'));
  clock.set('2026-09-01T11:01:00Z');
  await detector.runOnce();
  await dispatcher.runOnce();
  await arrive(done('11:01:02'));
  clock.set('2026-09-01T11:01:05Z');
  await detector.runOnce();
  clock.advance(day);
  while ((await dispatcher.runOnce()) > 0);
  expect(got()).toEqual(['abandonment.created b1 1', 'abandonment.recovered b1 1']);
});

test('recovery takes back the follow-up that was planned for tomorrow', async () => {
  const setup = await acting();
  const { clock, arrive, detector, dispatcher, rules, ruleId, endpoint, got, deliveries } = setup;
  await rules.patch(1, ruleId, {
    followUps: [
      { after: '0s', endpoint: endpoint.id },
      { after: '24h', endpoint: endpoint.id },
    ],
  });
  await arrive(start('10:01'));
  clock.set('2026-09-01T11:01:00Z');
  await detector.runOnce();
  await dispatcher.runOnce();
  expect((await deliveries()).map(({ nextAttemptAt }) => nextAttemptAt ?? 'sent').toSorted()).toEqual([
    '2026-09-02T11:01:00.000Z',
    'sent',
  ]);
  await arrive(done('12:00'));
  clock.set('2026-09-01T12:01:00Z');
  await detector.runOnce();
  clock.advance(2 * day);
  while ((await dispatcher.runOnce()) > 0);
  expect(got()).toEqual(['abandonment.created b1 1', 'abandonment.recovered b1 1']);
});

test('without recovery the second follow-up goes out a day later, with the same case id', async () => {
  const setup = await acting();
  const { clock, arrive, detector, dispatcher, rules, ruleId, endpoint, got, receiver } = setup;
  await rules.patch(1, ruleId, {
    followUps: [
      { after: '0s', endpoint: endpoint.id },
      { after: '24h', endpoint: endpoint.id },
    ],
  });
  await arrive(start('10:01'));
  clock.set('2026-09-01T11:01:00Z');
  await detector.runOnce();
  await dispatcher.runOnce();
  clock.advance(day);
  await detector.runOnce();
  await dispatcher.runOnce();
  expect(got()).toEqual(['abandonment.created b1 1', 'abandonment.created b1 2']);
  expect(new Set(receiver.received.map(({ message }) => message.data.id)).size).toBe(1);
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(2);
});

test('a completion that reached the server before its intent is found by the last look', async () => {
  const { clock, arrive, detector, dispatcher, cases, receiver } = await acting();
  // Done at 10:30 and received at once; the intent of 10:01 was held back by the browser until 10:40.
  await arrive(done('10:30'));
  clock.set('2026-09-01T10:35:00Z');
  await detector.runOnce();
  await arrive(start('10:01', { receivedAt: '10:40' }));
  clock.set('2026-09-01T10:41:00Z');
  await detector.runOnce();
  expect(await cases()).toMatchObject([{ state: 'waiting' }]);
  clock.set('2026-09-01T11:40:00Z');
  await detector.runOnce();
  expect(await cases()).toMatchObject([{ state: 'suppressed', reason: 'completed' }]);
  await dispatcher.runOnce();
  expect(receiver.connections()).toBe(0);
});

test('a completion before the intent does not finish it', async () => {
  const { clock, arrive, detector, dispatcher, got } = await acting();
  await arrive(done('10:00:30'), start('10:01'));
  clock.set('2026-09-01T11:01:00Z');
  await detector.runOnce();
  await dispatcher.runOnce();
  expect(got()).toEqual(['abandonment.created b1 1']);
});

test('a booking that was started on the laptop and finished on the phone of the same lead is finished', async () => {
  const { clock, arrive, detector, dispatcher, cases, store, receiver } = await acting();
  for (const visitor of ['ana', 'anas-phone']) {
    const identity = { email: 'ana@example.com' };
    await identifyLead(
      { state: store.state, reactions: [] },
      { site: store.site, visitorId: visitorId(visitor), identity, now: clock.now() },
    );
  }
  // Received out of order, so that only the last look can see it.
  await arrive(done('10:30', { visitor: 'anas-phone', receivedAt: '10:00:30' }));
  clock.set('2026-09-01T10:00:40Z');
  await detector.runOnce();
  await arrive(start('10:01'));
  clock.set('2026-09-01T11:01:00Z');
  await detector.runOnce();
  expect(await cases()).toMatchObject([{ state: 'suppressed', reason: 'completed' }]);
  await dispatcher.runOnce();
  expect(receiver.connections()).toBe(0);
});

test('twenty runs at once make one case and one message', async () => {
  const { clock, arrive, deps, cases, deliveries, history } = await acting();
  await arrive(start('10:01'), start('10:02', { visitor: 'ben' }));
  const detectors = Array.from({ length: 20 }, () => createDetector(deps));
  clock.set('2026-09-01T10:03:00Z');
  await Promise.all(detectors.map((detector) => detector.runOnce()));
  expect(await cases()).toHaveLength(2);
  clock.set('2026-09-01T11:03:00Z');
  await Promise.all(detectors.map((detector) => detector.runOnce()));
  expect(await deliveries()).toHaveLength(2);
  expect((await history()).toSorted()).toEqual(['abandoned', 'abandoned', 'waiting', 'waiting']);
});

test('a restart between the case and its message loses nothing and repeats nothing', async () => {
  const { clock, arrive, detector, store, boot, cases, got } = await acting();
  await arrive(start('10:01'));
  clock.set('2026-09-01T10:05:00Z');
  await detector.runOnce();
  await store.reopen();
  const second = await boot();
  clock.set('2026-09-01T11:01:00Z');
  await second.detector.runOnce();
  await store.reopen();
  const third = await boot();
  await third.detector.runOnce();
  await third.dispatcher.runOnce();
  await third.dispatcher.runOnce();
  expect(got()).toEqual(['abandonment.created b1 1']);
  expect(await cases()).toMatchObject([{ state: 'notified' }]);
});

test('an event that is not known to be in the database yet is waited for', async () => {
  const { clock, arrive, deps, cases } = await acting();
  // Shipping stands at 10:30, so at 11:05 nobody knows whether the booking was finished.
  let shippedThrough = Date.parse('2026-09-01T10:30:00Z');
  const detector = createDetector({ ...deps, spool: { ...deps.spool, shippedThrough: () => shippedThrough } });
  await arrive(start('10:01'), done('10:45'));
  clock.set('2026-09-01T11:05:00Z');
  await detector.runOnce();
  expect(await cases()).toMatchObject([{ state: 'waiting' }]);
  shippedThrough = clock.now();
  await detector.runOnce();
  expect(await cases()).toMatchObject([{ state: 'suppressed', reason: 'completed' }]);
});

test('a database that is away stops the run and loses nothing', async () => {
  const { clock, arrive, deps, detector, cases, got, dispatcher } = await acting();
  await arrive(start('10:01'));
  const away = createDetector({
    ...deps,
    clickhouse: { ...deps.clickhouse, query: () => Promise.reject(new AppError('database_unavailable')) },
  });
  clock.set('2026-09-01T11:01:00Z');
  await expect(away.runOnce()).rejects.toMatchObject({ code: 'database_unavailable' });
  expect(await cases()).toEqual([]);
  // An hour of the machine has passed, the wait was counted all the same.
  await detector.runOnce();
  await dispatcher.runOnce();
  expect(got()).toEqual(['abandonment.created b1 1']);
});

test('still abandoned: unknown while the spool cannot be emptied or the database does not answer', async () => {
  const { clock, arrive, deps, detector, cases } = await acting();
  await arrive(start('10:01'));
  clock.set('2026-09-01T11:01:00Z');
  await detector.runOnce();
  const id = (await cases())[0]?.id ?? '';
  const ask = (more: Partial<Parameters<typeof createStillAbandoned>[0]>) =>
    createStillAbandoned({ ...deps, limitMs: 50, ...more })(id);
  expect(await detector.isStillAbandoned(id)).toBe('yes');
  expect(await ask({ spool: { flush: () => new Promise(() => {}) } })).toBe('unknown');
  expect(await ask({ spool: { flush: () => Promise.reject(new Error('away')) } })).toBe('unknown');
  const query = () => Promise.reject(new AppError('database_unavailable'));
  expect(await ask({ clickhouse: { ...deps.clickhouse, query } })).toBe('unknown');
  expect(await detector.isStillAbandoned('cas_nobody')).toBe('no');
});

test('events that arrived before the rule was switched on start nothing', async () => {
  const { clock, arrive, detector, rules, ruleId, cases } = await acting();
  await rules.patch(1, ruleId, { enabled: false });
  await arrive(start('10:01'));
  clock.set('2026-09-01T10:30:00Z');
  await rules.patch(1, ruleId, { enabled: true });
  await arrive(start('10:31', { visitor: 'ben' }));
  clock.set('2026-09-01T10:32:00Z');
  await detector.runOnce();
  expect(await cases()).toMatchObject([{ visitor_id: visitorId('ben') }]);
});

test.each(['disabled', 'deleted'] as const)(
  'a rule that is %s meanwhile ends its waiting cases with that reason',
  async (how) => {
    const { clock, arrive, detector, rules, ruleId, cases } = await acting();
    await arrive(start('10:01'));
    clock.set('2026-09-01T10:30:00Z');
    await detector.runOnce();
    if (how === 'deleted') await rules.remove(1, ruleId);
    else await rules.patch(1, ruleId, { enabled: false });
    expect(await cases()).toMatchObject([{ state: 'suppressed', reason: `rule-${how}` }]);
    clock.set('2026-09-01T12:00:00Z');
    await detector.runOnce();
    expect(await cases()).toMatchObject([{ state: 'suppressed', reason: `rule-${how}` }]);
  },
);

test('the second case of a person within the cool-down is kept with its reason', async () => {
  const { clock, arrive, detector, dispatcher, cases, got } = await acting();
  await arrive(start('10:01'), start('10:02', { visitor: 'ben' }));
  clock.set('2026-09-01T11:02:00Z');
  await detector.runOnce();
  while ((await dispatcher.runOnce()) > 0);
  // Ana comes back after three days with another booking; Cleo is new.
  const later = '2026-09-04T10:00:00Z';
  await arrive(
    start(later, { props: { booking_id: 'b2' } }),
    start('2026-09-04T10:00:01Z', { visitor: 'cleo', props: { booking_id: 'b3' } }),
  );
  clock.set('2026-09-04T11:01:00Z');
  await detector.runOnce();
  while ((await dispatcher.runOnce()) > 0);
  expect((await cases()).map(({ key, state, reason }) => [key, state, reason])).toEqual([
    ['b1', 'notified', null],
    ['b1', 'notified', null],
    ['b2', 'suppressed', 'cooldown'],
    ['b3', 'notified', null],
  ]);
  expect(got()).toHaveLength(3);
});

test('a case that nobody completes expires after the recovery window', async () => {
  const { clock, arrive, detector, dispatcher, cases, got } = await acting();
  await arrive(start('10:01'));
  clock.set('2026-09-01T11:01:00Z');
  await detector.runOnce();
  await dispatcher.runOnce();
  clock.advance(7 * day);
  await detector.runOnce();
  expect(await cases()).toMatchObject([{ state: 'notified' }]);
  clock.advance(1);
  await detector.runOnce();
  expect(await cases()).toMatchObject([{ state: 'expired' }]);
  await arrive(done('2026-09-08T12:00:00Z'));
  clock.advance(2 * hour);
  await detector.runOnce();
  await dispatcher.runOnce();
  expect(got()).toEqual(['abandonment.created b1 1']);
});

test('a rule without follow-ups shows its abandonments and sends nothing', async () => {
  const { clock, arrive, detector, dispatcher, cases, deliveries } = await acting({ rule: { followUps: [] } });
  await arrive(start('10:01'));
  clock.set('2026-09-01T11:01:00Z');
  await detector.runOnce();
  expect(await dispatcher.runOnce()).toBe(0);
  expect(await cases()).toMatchObject([{ state: 'abandoned' }]);
  expect(await deliveries()).toEqual([]);
  await arrive(done('11:30'));
  clock.set('2026-09-01T11:31:00Z');
  await detector.runOnce();
  expect(await cases()).toMatchObject([{ state: 'recovered' }]);
  expect(await deliveries()).toEqual([]);
});

test('an endpoint that is off: the abandonment is kept with that reason', async () => {
  const { clock, arrive, detector, store, endpoint, cases } = await acting();
  await patchEndpoint(store.state, { siteId: 1, id: endpoint.id, patch: { enabled: false }, nowMs: clock.now() });
  await arrive(start('10:01'));
  clock.set('2026-09-01T11:01:00Z');
  await detector.runOnce();
  expect(await cases()).toMatchObject([
    { state: 'suppressed', reason: 'endpoint-disabled', abandoned_at: '2026-09-01T11:01:00.000Z' },
  ]);
});

test('a backlog of days after a stop is worked through, and each case is judged by what happened', async () => {
  const { clock, arrive, detector, cases } = await acting({ rule: { cooldown: '0s' } });
  const people = Array.from({ length: 450 }, (_, index) => `visitor-${index}`);
  // Every third one finished.
  await arrive(
    ...people.map((visitor) => start('10:01', { visitor })),
    ...people.filter((_, index) => index % 3 === 0).map((visitor) => done('10:30', { visitor })),
  );
  clock.set('2026-09-03T10:00:00Z');
  await detector.runOnce();
  const states = (await cases()).map(({ state }) => state);
  expect(states.filter((state) => state === 'suppressed')).toHaveLength(150);
  expect(states.filter((state) => state === 'abandoned')).toHaveLength(300);
});

test('a case whose endpoint goes away before its message arrives expires with that reason', async () => {
  const { clock, arrive, detector, dispatcher, receiver, history, deps } = await acting();
  receiver.plan({ status: 410 });
  await arrive(start('10:01'));
  clock.set('2026-09-01T11:01:00Z');
  await detector.runOnce();
  while ((await dispatcher.runOnce()) > 0);
  clock.advance(8 * day);
  await detector.runOnce();
  expect(await history()).toEqual(['waiting', 'abandoned', 'expired (endpoint-disabled)']);
  const last = await deps.state.db.selectFrom('case_history').select('note').orderBy('id', 'desc').executeTakeFirst();
  expect(last?.note).toMatch(/^Not completed within 7d\. No message about it arrived: .+/);
});

test('a rule may go by the clock of the lead: the message waits for the end of their night', async () => {
  const { clock, arrive, detector, store, deliveries, rules, ruleId } = await acting();
  await rules.patch(1, ruleId, { quietHours: { from: '21:00', to: '08:00', days: [], zone: 'lead' } });
  const identity = { email: 'ana@example.com', timezone: 'America/New_York' };
  await identifyLead(
    { state: store.state, reactions: [] },
    { site: store.site, visitorId: visitorId('ana'), identity, now: clock.now() },
  );
  // 11:01 UTC is 07:01 in New York and 13:01 in Berlin, where the site and Ben are.
  await arrive(start('10:01'), start('10:01', { visitor: 'ben', props: { booking_id: 'b2' } }));
  clock.set('2026-09-01T11:01:00Z');
  await detector.runOnce();
  const planned = await deliveries();
  expect(planned.map(({ nextAttemptAt }) => nextAttemptAt).toSorted()).toEqual([
    '2026-09-01T11:01:00.000Z',
    '2026-09-01T12:00:00.000Z',
  ]);
});
