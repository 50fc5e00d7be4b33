import { sql } from 'kysely';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createLog } from '../../collector/log.ts';
import type { State } from '../../collector/state/database.ts';
import { listDeliveries } from '../../collector/state/deliveries.ts';
import { createEndpoint, listEndpoints, patchEndpoint, rotateSecret } from '../../collector/state/endpoints.ts';
import { createDispatcher, type DispatcherDependencies } from '../../collector/webhooks/dispatcher.ts';
import { addToOutbox, replayDelivery } from '../../collector/webhooks/outbox.ts';
import { fakeClock } from '../support/clock.ts';
import { privateAddresses } from '../support/private-addresses.ts';
import { type Behaviour, openReceiver } from '../support/receiver.ts';
import { testState } from '../support/state.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

async function setUp(options: Partial<DispatcherDependencies> = {}) {
  const clock = fakeClock('2026-09-01T12:00:00Z');
  const { state } = await testState(clock.now);
  const receiver = await openReceiver();
  onTestFinished(() => receiver.close());
  const add = (url: string, more: { template?: string; kind?: 'hook' } = {}) =>
    createEndpoint(state, {
      siteId: 1,
      endpoint: { name: 'Automation', url, ...(more.template ? { template: more.template } : {}) },
      nowMs: clock.now(),
      ...(more.kind ? { kind: more.kind } : {}),
    });
  const dispatcher = createDispatcher({
    state,
    now: clock.now,
    log: createLog('silent'),
    allow: ['127.0.0.1/32'],
    isStillAbandoned: async () => 'yes',
    random: () => 0.5,
    deadlineMs: 60_000,
    ...options,
  });
  return { clock, state, receiver, add, dispatcher };
}

/** Messages about leads 1 to `count`, due at this moment. */
async function queue(
  state: State,
  endpointId: string,
  { count, nowMs, to = 'lead' }: { count: number; nowMs: number; to?: string },
) {
  await state.db.transaction().execute(async (trx) => {
    for (let lead = 1; lead <= count; lead += 1) {
      await addToOutbox(trx, {
        siteId: 1,
        endpointId,
        message: {
          type: 'lead.created',
          timestamp: '2026-09-01T12:00:00.000Z',
          data: { id: `${to}-${lead}`, name: 'Ana' },
        },
        nextAtMs: nowMs,
        once: [String(lead), String(nowMs)],
        nowMs,
      });
    }
  });
}

/** Makes `count` messages of one, the quick way. */
async function copyFirst(state: State, count: number) {
  await sql`
    with recursive numbers(n) as (select 2 union all select n + 1 from numbers where n < ${count})
    insert into deliveries (id, dedup_key, site_id, endpoint_id, type, body, state, next_at_ms, created_at)
    select id || '_' || n, dedup_key || '_' || n, site_id, endpoint_id, type, body, state, next_at_ms, created_at
    from deliveries, numbers`.execute(state.db);
}

const always = (behaviour: Behaviour, count: number) => Array.from({ length: count }, () => behaviour);
const breaker = async (state: State, nowMs: number) => (await listEndpoints(state.db, 1, nowMs))[0]?.breaker;

test('outage: with 5,000 messages waiting, a receiver that is down for an hour gets one request every 30 s, and at most 5 a second afterwards', async () => {
  const { clock, state, receiver, add, dispatcher } = await setUp();
  const { id } = await add(receiver.url);
  await queue(state, id, { count: 1, nowMs: clock.now() });
  await copyFirst(state, 5_000);
  receiver.plan(...always({ status: 500 }, 128));
  for (let elapsed = 0; elapsed < hour; ) {
    await dispatcher.runOnce();
    const step = elapsed < minute ? 5 * second : 15 * second;
    clock.advance(step);
    elapsed += step;
  }
  // Ten failures at 0, 5 … 45 s open the breaker. Then one at each of 75, 105 … 3,585 s: (3,585 − 75) / 30 + 1 = 118.
  expect(receiver.received).toHaveLength(128);
  expect(await breaker(state, clock.now())).toMatchObject({ state: 'open', failures: 128 });
  expect((await listEndpoints(state.db, 1, clock.now()))[0]).toMatchObject({
    enabled: true,
    notice: { level: 'warning' },
  });

  const perSecond: number[] = [];
  for (let elapsed = 0; elapsed < 75 * second; elapsed += 100) {
    if (elapsed % second === 0) perSecond.push(0);
    const before = receiver.received.length;
    await dispatcher.runOnce();
    perSecond[perSecond.length - 1] = (perSecond.at(-1) ?? 0) + receiver.received.length - before;
    clock.advance(100);
  }
  expect(Math.max(...perSecond)).toBe(5);
  // One a second at first, then one more every ten seconds.
  const firstSuccess = perSecond.findIndex((count) => count > 0);
  expect(perSecond.slice(firstSuccess, firstSuccess + 10)).toEqual(Array(10).fill(1));
  expect(perSecond.at(-1)).toBe(5);
  expect(await breaker(state, clock.now())).toMatchObject({ state: 'recovering' });
});

test('outage: a receiver that fails again while it recovers is left alone at once', async () => {
  const { clock, state, receiver, add, dispatcher } = await setUp();
  const { id } = await add(receiver.url);
  await queue(state, id, { count: 50, nowMs: clock.now() });
  receiver.plan(...always({ status: 500 }, 10), { status: 200 }, { status: 500 });
  for (let request = 0; request < 10; request += 1) await dispatcher.runOnce();
  expect(await dispatcher.runOnce()).toBe(0);
  clock.advance(30 * second);
  await dispatcher.runOnce();
  expect(await breaker(state, clock.now())).toMatchObject({ state: 'recovering' });
  clock.advance(second);
  await dispatcher.runOnce();
  expect(await breaker(state, clock.now())).toEqual({
    state: 'open',
    failures: 11,
    failingSince: new Date(clock.now()).toISOString(),
    nextTryAt: new Date(clock.now() + 30 * second).toISOString(),
  });
  expect(await dispatcher.runOnce()).toBe(0);
});

test('outage: when nothing waits any more, the receiver gets its messages at full speed again', async () => {
  const { clock, state, receiver, add, dispatcher } = await setUp();
  const { id } = await add(receiver.url);
  await queue(state, id, { count: 11, nowMs: clock.now() });
  receiver.plan(...always({ status: 500 }, 10));
  for (let elapsed = 0; elapsed < hour; elapsed += second) {
    await dispatcher.runOnce();
    clock.advance(second);
  }
  expect(await breaker(state, clock.now())).toEqual({
    state: 'closed',
    failures: 0,
    failingSince: null,
    nextTryAt: null,
  });
  await queue(state, id, { count: 20, nowMs: clock.now() });
  const before = receiver.received.length;
  for (let request = 0; request < 20; request += 1) await dispatcher.runOnce();
  expect(receiver.received.length - before).toBe(20);
});

test.each([
  [429, undefined, 60],
  [502, undefined, 60],
  [504, undefined, 60],
  [503, '120', 120],
  [429, '10', 60],
])(
  'throttling: after %i with Retry-After %s the whole endpoint rests for %i s',
  async (status, retryAfter, seconds) => {
    const { clock, state, receiver, add, dispatcher } = await setUp();
    const { id } = await add(receiver.url);
    await queue(state, id, { count: 3, nowMs: clock.now() });
    receiver.plan({ status, ...(retryAfter ? { headers: { 'retry-after': retryAfter } } : {}) });
    await dispatcher.runOnce();
    expect(await breaker(state, clock.now())).toMatchObject({ state: 'throttled' });
    clock.advance(seconds * second - 1);
    expect(await dispatcher.runOnce()).toBe(0);
    clock.advance(1);
    expect(await dispatcher.runOnce()).toBe(1);
  },
);

test('slow receivers: forty that hang do not delay twenty that answer', async () => {
  const { clock, state, receiver, add, dispatcher } = await setUp({ now: Date.now, deadlineMs: 600_000 });
  const hanging = await openReceiver();
  hanging.plan(...always('hang', 1_000));
  const nowMs = Date.now();
  clock.set(nowMs);
  // They have failed before: whoever hangs for the first time is not known yet.
  const slow = await Promise.all(Array.from({ length: 40 }, (_, number) => add(`${hanging.url}/${number}`)));
  await state.db.updateTable('endpoints').set({ failures: 1 }).execute();
  const good = await Promise.all(Array.from({ length: 20 }, (_, number) => add(`${receiver.url}/${number}`)));
  for (const { id } of slow) await queue(state, id, { count: 3, nowMs });
  for (const { id } of good) await queue(state, id, { count: 10, nowMs });
  onTestFinished(async () => void (await Promise.all([dispatcher.stop(), hanging.close()])));
  dispatcher.start();
  // All of them, while the first requests to the others still hang.
  await vi.waitFor(() => expect(receiver.received).toHaveLength(200), { timeout: 120_000, interval: 10 });
  expect(hanging.received.length).toBeLessThanOrEqual(5);
});

test('templates: retries send the bytes of the first attempt, a message that is sent again the template of that day', async () => {
  const { clock, state, receiver, add, dispatcher } = await setUp();
  const { id } = await add(receiver.url, { template: '{ "text": "Hello {{ data.name }}" }' });
  await queue(state, id, { count: 1, nowMs: clock.now() });
  receiver.plan({ status: 500 });
  await dispatcher.runOnce();
  const change = { siteId: 1, id, patch: { template: '{ "text": "Bye {{ data.name }}" }' }, nowMs: clock.now() };
  await patchEndpoint(state, change);
  clock.advance(5 * second);
  await dispatcher.runOnce();
  expect(receiver.received.map(({ body }) => body)).toEqual(Array(2).fill('{ "text": "Hello Ana" }'));
  const [delivery] = (await listDeliveries(state.db, { siteId: 1 }, { limit: 10 })).items;
  expect(delivery).toMatchObject({ state: 'delivered', body: '{ "text": "Hello Ana" }' });
  await replayDelivery(state.db, { siteId: 1, id: delivery?.id ?? '', nowMs: clock.now() });
  await dispatcher.runOnce();
  expect(receiver.received.at(-1)).toMatchObject({ id: delivery?.id, body: '{ "text": "Bye Ana" }' });
});

test('templates: one that breaks on a real message fails that message with the place, and not the endpoint', async () => {
  const { clock, state, receiver, add, dispatcher } = await setUp();
  const { id } = await add(receiver.url);
  await state.db.updateTable('endpoints').set({ template: '{ "id":\n {{ data.id }} }' }).execute();
  await queue(state, id, { count: 1, nowMs: clock.now() });
  await dispatcher.runOnce();
  expect(receiver.connections()).toBe(0);
  expect((await listDeliveries(state.db, { siteId: 1, state: 'dead' }, { limit: 10 })).items).toMatchObject([
    {
      state: 'failed',
      note: 'The template could not be rendered. Line 2, column 2: What it renders is no JSON: unexpected "l" near «{ "id": lead-1 }».',
    },
  ]);
  expect(await breaker(state, clock.now())).toMatchObject({ failures: 0, failingSince: null });
});

test('hooks: one whose automation is gone (410) disappears', async () => {
  const { clock, state, receiver, add, dispatcher } = await setUp();
  const { id } = await add(receiver.url, { kind: 'hook' });
  await queue(state, id, { count: 2, nowMs: clock.now() });
  receiver.plan({ status: 410 });
  await dispatcher.runOnce();
  clock.advance(100 * hour);
  await dispatcher.runOnce();
  expect(receiver.received).toHaveLength(1);
  expect(await listEndpoints(state.db, 1, clock.now())).toEqual([]);
});

test('rotation: 1,000 messages to ten endpoints whose secrets change, and each verifies with what its receiver has', async () => {
  const { clock, state, receiver, add, dispatcher } = await setUp({ now: Date.now });
  clock.set(Date.now());
  const endpoints = await Promise.all(Array.from({ length: 10 }, () => add(receiver.url)));
  for (const { id } of endpoints) await queue(state, id, { count: 100, nowMs: clock.now(), to: id });
  onTestFinished(() => dispatcher.stop());
  const arrivedAt = (id: string) => receiver.received.filter(({ message }) => String(message.data.id).startsWith(id));
  /** From this message on, of its endpoint, the receiver knows this secret and no other. */
  const known = new Map(endpoints.map(({ id, secret }) => [id, [{ from: 0, secret }]]));
  dispatcher.start();
  await Promise.all(
    endpoints.map(async ({ id }, number) => {
      const arrived = (count: number) =>
        vi.waitFor(() => expect(arrivedAt(id).length).toBeGreaterThanOrEqual(count), { timeout: 120_000, interval: 5 });
      for (const count of [20, 60]) {
        await arrived(count);
        const { secret } = await rotateSecret(state, { siteId: 1, id, nowMs: Date.now() });
        // Some take the new one over at once, the others twenty messages later.
        if (number % 2 === 0) await arrived(arrivedAt(id).length + 20);
        // What is on its way at this moment was signed before.
        known.get(id)?.push({ from: arrivedAt(id).length + 1, secret });
      }
      await arrived(100);
    }),
  );
  const refused = endpoints.flatMap(({ id }) =>
    arrivedAt(id).filter(({ body, headers }, index) => {
      const secret = known.get(id)?.findLast(({ from }) => from <= index)?.secret ?? '';
      try {
        new Webhook(secret).verify(body, headers as Record<string, string>);
        return false;
      } catch {
        return true;
      }
    }),
  );
  expect(refused).toEqual([]);
});

test('addresses: forty private spellings that were saved somehow are called neither by a delivery nor by a test', async () => {
  const { clock, state, receiver, add, dispatcher } = await setUp({ allow: [] });
  const port = new URL(receiver.url).port;
  const { id } = await add('https://example.com/');
  for (const address of privateAddresses) {
    await state.db
      .updateTable('endpoints')
      .set({ url: `${address}:${port}/`, failures: 0, paused_until_ms: 0, failing_since: null })
      .execute();
    await queue(state, id, { count: 1, nowMs: clock.now() });
    await dispatcher.runOnce();
    await state.db.updateTable('deliveries').set({ state: 'failed' }).execute();
    clock.advance(second);
  }
  const { items } = await listDeliveries(state.db, { siteId: 1 }, { limit: 1_000 });
  expect(items).toHaveLength(privateAddresses.length);
  const errors = new Set(items.map(({ attempts }) => attempts.map(({ error }) => error).join()));
  expect([...errors]).toEqual(['This address is private or reserved, and webhooks must not reach it.']);
  expect(receiver.connections()).toBe(0);
});

test('a lost answer: the retry has the same id and the same bytes, so a receiver that remembers ids counts one', async () => {
  const { clock, state, receiver, add, dispatcher } = await setUp();
  const { id } = await add(receiver.url);
  await queue(state, id, { count: 1, nowMs: clock.now() });
  receiver.plan('reset');
  await dispatcher.runOnce();
  clock.advance(6 * second);
  await dispatcher.runOnce();
  expect(receiver.received).toHaveLength(2);
  expect(new Set(receiver.received.map((one) => one.id)).size).toBe(1);
  expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
});

test('the schedule: with any jitter each of the nine waits lies within 20 % of what it should be', async () => {
  const chances = [0, 0.999, 0.25, 0.5, 0.75, 0.1, 0.9, 0.333, 0.666];
  let turn = 0;
  const { clock, state, receiver, add, dispatcher } = await setUp({
    random: () => chances[turn++ % chances.length] ?? 0,
  });
  const { id } = await add(receiver.url);
  await queue(state, id, { count: 1, nowMs: clock.now() });
  receiver.plan(...always({ status: 500 }, 10));
  const waits: number[] = [];
  for (;;) {
    await dispatcher.runOnce();
    const [message] = (await listDeliveries(state.db, { siteId: 1, state: 'pending' }, { limit: 1 })).items;
    if (!message) break;
    const at = Date.parse(message.nextAttemptAt ?? '');
    waits.push(at - clock.now());
    clock.set(at);
  }
  const planned = [5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour];
  expect(receiver.received).toHaveLength(10);
  expect(waits).toHaveLength(9);
  for (const [index, wait] of waits.entries()) {
    expect(wait / (planned[index] ?? 1)).toBeGreaterThanOrEqual(0.8);
    expect(wait / (planned[index] ?? 1)).toBeLessThanOrEqual(1.2);
  }
});
