import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createLog } from '../../collector/log.ts';
import type { State } from '../../collector/state/database.ts';
import { getDelivery, listDeliveries } from '../../collector/state/deliveries.ts';
import {
  createEndpoint,
  getEndpoint,
  listEndpoints,
  patchEndpoint,
  rotateSecret,
} from '../../collector/state/endpoints.ts';
import { loadSites } from '../../collector/state/sites.ts';
import { createDispatcher, type DispatcherDependencies } from '../../collector/webhooks/dispatcher.ts';
import { addToOutbox, replayDelivery } from '../../collector/webhooks/outbox.ts';
import { fakeClock } from '../support/clock.ts';
import { type Behaviour, openReceiver } from '../support/receiver.ts';
import { testState } from '../support/state.ts';

const minute = 60_000;
const hour = 60 * minute;

/** A store with one endpoint at a real receiver, and a dispatcher whose chance is always the middle. */
async function setUp(options: Partial<DispatcherDependencies> = {}) {
  const clock = fakeClock('2026-09-01T12:00:00Z');
  const store = await testState(clock.now);
  const receiver = await openReceiver();
  onTestFinished(() => receiver.close());
  const endpoint = await addEndpoint(store.state, receiver.url);
  const deps = (): DispatcherDependencies => ({
    state: store.state,
    now: clock.now,
    log: createLog('silent'),
    allow: ['127.0.0.1/32'],
    isStillAbandoned: async () => 'yes',
    random: () => 0.5,
    deadlineMs: 60_000,
    ...options,
  });
  return {
    clock,
    store,
    receiver,
    endpoint,
    dispatcher: createDispatcher(deps()),
    newDispatcher: () => createDispatcher(deps()),
    deliveries: async () => (await listDeliveries(store.state.db, { siteId: 1 }, { limit: 100 })).items,
  };

  async function addEndpoint(state: State, url: string, name = 'Automation') {
    return createEndpoint(state, {
      siteId: 1,
      endpoint: { name, url, events: [], enabled: true },
      nowMs: clock.now(),
    });
  }
}

async function queue(state: State, endpointId: string, more: { nowMs: number; caseId?: string; lead?: string }) {
  const lead = more.lead ?? 'ana';
  await addToOutbox(state.db, {
    siteId: 1,
    endpointId,
    message: more.caseId
      ? { type: 'abandonment.created', timestamp: '2026-09-01T12:00:00.000Z', data: { id: more.caseId } }
      : { type: 'lead.created', timestamp: '2026-09-01T12:00:00.000Z', data: { id: lead } },
    ...(more.caseId ? { caseId: more.caseId } : {}),
    nextAtMs: more.nowMs,
    once: [more.caseId ?? lead],
    nowMs: more.nowMs,
  });
}

/** An abandoned case with one message, as detection leaves them. */
async function queueAbandonment(state: State, endpointId: string, nowMs: number) {
  const at = new Date(nowMs).toISOString();
  await state.db
    .insertInto('rules')
    .values({
      id: 'rul_1',
      site_id: 1,
      version: 1,
      definition: '{}',
      enabled: 1,
      created_at: at,
      updated_at: at,
      deleted_at: null,
    })
    .execute();
  await state.db
    .insertInto('cases')
    .values({
      id: 'cas_1',
      site_id: 1,
      rule_id: 'rul_1',
      rule_version: 1,
      dedup_key: '1',
      visitor_id: '1',
      session_id: '1',
      key: '',
      state: 'abandoned',
      reason: null,
      intent: '{}',
      occurred_at: at,
      occurred_seq: 0,
      received_at_ms: nowMs,
      due_at_ms: nowMs,
      abandoned_at: at,
      notified_at: null,
      recovered_at: null,
      created_at: at,
    })
    .execute();
  await queue(state, endpointId, { nowMs, caseId: 'cas_1' });
}

const caseState = (state: State) =>
  state.db.selectFrom('cases').select(['state', 'notified_at']).where('id', '=', 'cas_1').executeTakeFirstOrThrow();

test('dispatcher: sends a due message once, signed with the secret of its endpoint', async () => {
  const { clock, store, receiver, endpoint, dispatcher, deliveries } = await setUp();
  await queue(store.state, endpoint.id, { nowMs: clock.now() });
  expect(await dispatcher.runOnce()).toBe(1);
  expect(await dispatcher.runOnce()).toBe(0);
  expect(receiver.received).toHaveLength(1);
  const [sent] = receiver.received;
  vi.useFakeTimers({ now: clock.now(), toFake: ['Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  expect(new Webhook(endpoint.secret).verify(sent?.body ?? '', sent?.headers as Record<string, string>)).toEqual({
    type: 'lead.created',
    timestamp: '2026-09-01T12:00:00.000Z',
    data: { id: 'ana' },
  });
  expect(await deliveries()).toMatchObject([
    { id: sent?.id, state: 'delivered', attempts: [{ status: 200, error: null, response: 'thank you' }] },
  ]);
});

test('dispatcher: a message that is not due yet stays', async () => {
  const { clock, store, receiver, endpoint, dispatcher } = await setUp();
  await queue(store.state, endpoint.id, { nowMs: clock.now() + 1 });
  expect(await dispatcher.runOnce()).toBe(0);
  clock.advance(1);
  expect(await dispatcher.runOnce()).toBe(1);
  expect(receiver.received).toHaveLength(1);
});

test('dispatcher: follows the schedule to the tenth failure, with the same id and the same bytes, and then gives up', async () => {
  const { clock, store, receiver, endpoint, dispatcher, deliveries } = await setUp();
  receiver.plan(...Array.from({ length: 10 }, () => ({ status: 500, body: 'not now' }) satisfies Behaviour));
  await queue(store.state, endpoint.id, { nowMs: clock.now() });
  const waits = [0, 5_000, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour];
  for (const wait of waits) {
    // One millisecond early there is nothing to do.
    if (wait > 0) {
      clock.advance(wait - 1);
      expect(await dispatcher.runOnce()).toBe(0);
      clock.advance(1);
    }
    expect(await dispatcher.runOnce()).toBe(1);
  }
  clock.advance(100 * hour);
  expect(await dispatcher.runOnce()).toBe(0);
  expect(receiver.received).toHaveLength(10);
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
  expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
  // Each attempt has a timestamp, and so a signature, of its own.
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(10);
  const [delivery] = await deliveries();
  expect(delivery?.state).toBe('failed');
  expect(delivery?.attempts.map(({ status }) => status)).toEqual(Array(10).fill(500));
});

test('dispatcher: honours Retry-After', async () => {
  const { clock, store, receiver, endpoint, dispatcher } = await setUp();
  receiver.plan({ status: 503, headers: { 'retry-after': '3600' } });
  await queue(store.state, endpoint.id, { nowMs: clock.now() });
  await dispatcher.runOnce();
  clock.advance(hour - 1);
  expect(await dispatcher.runOnce()).toBe(0);
  clock.advance(1);
  expect(await dispatcher.runOnce()).toBe(1);
});

test('dispatcher: 410 switches the endpoint off and takes its other messages back', async () => {
  const { clock, store, receiver, endpoint, dispatcher, deliveries } = await setUp();
  receiver.plan({ status: 410 });
  await queue(store.state, endpoint.id, { nowMs: clock.now(), lead: 'ana' });
  await queue(store.state, endpoint.id, { nowMs: clock.now() + 1, lead: 'ben' });
  await dispatcher.runOnce();
  clock.advance(100 * hour);
  expect(await dispatcher.runOnce()).toBe(0);
  expect(receiver.received).toHaveLength(1);
  expect((await deliveries()).map(({ state }) => state).toSorted()).toEqual(['cancelled', 'failed']);
  expect(await listEndpoints(store.state.db, 1, clock.now())).toMatchObject([
    { enabled: false, disabledReason: 'The receiver answered 410: it is gone.' },
  ]);
});

test('dispatcher: an endpoint is switched off after 120 hours without a success, not after 119', async () => {
  const { clock, store, receiver, endpoint, dispatcher } = await setUp();
  receiver.plan({ status: 500 }, { status: 500 }, { status: 500 });
  const isEnabled = async () => (await getEndpoint(store.state.db, 1, endpoint.id)).enabled;
  await queue(store.state, endpoint.id, { nowMs: clock.now(), lead: 'ana' });
  await dispatcher.runOnce();
  clock.advance(119 * hour);
  await dispatcher.runOnce();
  expect(await isEnabled()).toBe(1);
  clock.advance(hour);
  await dispatcher.runOnce();
  expect(await isEnabled()).toBe(0);
});

test('dispatcher: one success ends the count of failing hours', async () => {
  const { clock, store, receiver, endpoint, dispatcher } = await setUp();
  receiver.plan({ status: 500 });
  await queue(store.state, endpoint.id, { nowMs: clock.now() });
  await dispatcher.runOnce();
  expect((await getEndpoint(store.state.db, 1, endpoint.id)).failing_since).toBe('2026-09-01T12:00:00.000Z');
  clock.advance(5_000);
  await dispatcher.runOnce();
  expect((await getEndpoint(store.state.db, 1, endpoint.id)).failing_since).toBeNull();
});

test('dispatcher: a receiver that hangs does not delay another one', async () => {
  const { clock, store, receiver, endpoint, dispatcher } = await setUp({ deadlineMs: 600_000 });
  const good = await openReceiver();
  onTestFinished(() => good.close());
  receiver.plan('hang');
  const goodEndpoint = await createEndpoint(store.state, {
    siteId: 1,
    endpoint: { name: 'Good', url: good.url, events: [], enabled: true },
    nowMs: clock.now(),
  });
  await queue(store.state, endpoint.id, { nowMs: clock.now(), lead: 'slow' });
  for (const lead of ['ana', 'ben', 'cleo', 'dan', 'eva']) {
    await queue(store.state, goodEndpoint.id, { nowMs: clock.now(), lead });
  }
  onTestFinished(async () => void (await Promise.all([dispatcher.stop(), receiver.close()])));
  dispatcher.start();
  await vi.waitFor(() => expect(good.received).toHaveLength(5), { timeout: 120_000, interval: 10 });
  // And the slow one has been asked once: it never has two requests at a time.
  expect(receiver.received).toHaveLength(1);
});

test('dispatcher: an endpoint gets one request at a time, in order', async () => {
  const { clock, store, receiver, endpoint, dispatcher, newDispatcher } = await setUp();
  for (const lead of ['ana', 'ben', 'cleo']) {
    await queue(store.state, endpoint.id, { nowMs: clock.now(), lead });
    clock.advance(1);
  }
  // Two processes on one store share the work and never take the same message.
  const other = newDispatcher();
  const taken = await Promise.all([dispatcher.runOnce(), other.runOnce(), dispatcher.runOnce()]);
  expect(taken.toSorted()).toEqual([0, 0, 1]);
  while ((await dispatcher.runOnce()) > 0);
  expect(receiver.received.map(({ message }) => message.data.id)).toEqual(['ana', 'ben', 'cleo']);
});

test('dispatcher: a message whose sender died is sent again with the same id when its lease is over', async () => {
  const { clock, store, receiver, endpoint, newDispatcher } = await setUp();
  await queue(store.state, endpoint.id, { nowMs: clock.now() });
  // Claimed by a process that is no more.
  await store.state.db
    .updateTable('deliveries')
    .set({ lease_until_ms: clock.now() + 60_000 })
    .execute();
  await store.reopen();
  expect(await newDispatcher().runOnce()).toBe(0);
  clock.advance(60_001);
  expect(await newDispatcher().runOnce()).toBe(1);
  expect(receiver.received).toHaveLength(1);
});

test('dispatcher: a case whose first message arrives is notified', async () => {
  const { clock, store, endpoint, dispatcher } = await setUp();
  await queueAbandonment(store.state, endpoint.id, clock.now());
  await dispatcher.runOnce();
  expect(await caseState(store.state)).toEqual({ state: 'notified', notified_at: '2026-09-01T12:00:00.000Z' });
});

test('dispatcher: a completion known before the message goes out cancels it, and nobody is called', async () => {
  const { clock, store, receiver, endpoint, dispatcher, deliveries } = await setUp({
    isStillAbandoned: async () => 'no',
  });
  await queueAbandonment(store.state, endpoint.id, clock.now());
  await dispatcher.runOnce();
  expect(receiver.connections()).toBe(0);
  expect(await deliveries()).toMatchObject([{ state: 'cancelled', attempts: [] }]);
});

test('dispatcher: asks again before each retry', async () => {
  const answers: ('yes' | 'no')[] = ['yes', 'no'];
  const { clock, store, receiver, endpoint, dispatcher, deliveries } = await setUp({
    isStillAbandoned: async () => answers.shift() ?? 'yes',
  });
  receiver.plan({ status: 500 });
  await queueAbandonment(store.state, endpoint.id, clock.now());
  await dispatcher.runOnce();
  clock.advance(5_000);
  await dispatcher.runOnce();
  expect(receiver.received).toHaveLength(1);
  expect(await deliveries()).toMatchObject([{ state: 'cancelled', attempts: [{ status: 500 }] }]);
});

test('dispatcher: while the event database is away the message waits 15 s and no attempt is counted', async () => {
  const answers: ('yes' | 'unknown')[] = ['unknown', 'unknown', 'yes'];
  const { clock, store, receiver, endpoint, dispatcher, deliveries } = await setUp({
    isStillAbandoned: async () => answers.shift() ?? 'yes',
  });
  await queueAbandonment(store.state, endpoint.id, clock.now());
  await dispatcher.runOnce();
  clock.advance(14_999);
  expect(await dispatcher.runOnce()).toBe(0);
  clock.advance(1);
  await dispatcher.runOnce();
  expect(await deliveries()).toMatchObject([{ state: 'pending', attempts: [] }]);
  clock.advance(15_000);
  await dispatcher.runOnce();
  expect(receiver.received).toHaveLength(1);
});

test('dispatcher: a private address is not called although it was saved', async () => {
  const { clock, store, receiver, endpoint, dispatcher, deliveries } = await setUp({ allow: [] });
  await queue(store.state, endpoint.id, { nowMs: clock.now() });
  await dispatcher.runOnce();
  expect(receiver.connections()).toBe(0);
  expect((await deliveries())[0]?.attempts[0]?.error).toContain('private or reserved');
});

test('outbox: the same message twice is one', async () => {
  const { clock, store, endpoint, deliveries } = await setUp();
  await queue(store.state, endpoint.id, { nowMs: clock.now() });
  await queue(store.state, endpoint.id, { nowMs: clock.now() + 5 });
  expect(await deliveries()).toHaveLength(1);
});

test('replay: a failed message is sent again with the same id', async () => {
  const { clock, store, receiver, endpoint, dispatcher, deliveries } = await setUp();
  receiver.plan({ status: 410 });
  await queue(store.state, endpoint.id, { nowMs: clock.now() });
  await dispatcher.runOnce();
  await patchEndpoint(store.state, { siteId: 1, id: endpoint.id, patch: { enabled: true }, nowMs: clock.now() });
  const [failed] = await deliveries();
  await replayDelivery(store.state.db, { siteId: 1, id: failed?.id ?? '', nowMs: clock.now() });
  await dispatcher.runOnce();
  expect(receiver.received.map(({ id }) => id)).toEqual([failed?.id, failed?.id]);
  expect(await getDelivery(store.state.db, 1, failed?.id ?? '')).toMatchObject({ state: 'delivered' });
});

test('rotation: for a day both secrets verify, afterwards only the new one', async () => {
  const { clock, store, receiver, endpoint, dispatcher } = await setUp();
  const { secret } = await rotateSecret(store.state, { siteId: 1, id: endpoint.id, nowMs: clock.now() });
  await queue(store.state, endpoint.id, { nowMs: clock.now(), lead: 'ana' });
  await dispatcher.runOnce();
  clock.advance(24 * hour);
  await queue(store.state, endpoint.id, { nowMs: clock.now(), lead: 'ben' });
  await dispatcher.runOnce();
  const verifies = (index: number, key: string) => {
    const sent = receiver.received[index];
    vi.setSystemTime(Number(sent?.headers['webhook-timestamp']) * 1000);
    try {
      new Webhook(key).verify(sent?.body ?? '', sent?.headers as Record<string, string>);
      return true;
    } catch {
      return false;
    }
  };
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  expect([verifies(0, endpoint.secret), verifies(0, secret)]).toEqual([true, true]);
  expect([verifies(1, endpoint.secret), verifies(1, secret)]).toEqual([false, true]);
});

test('dispatcher: nothing is sent for a deleted site; what comes due meanwhile is taken back, the rest goes out once it is restored', async () => {
  const { clock, store, receiver, endpoint, dispatcher, deliveries } = await setUp();
  const sites = await loadSites(store.state, clock.now);
  const { publicId } = store.site;
  await queue(store.state, endpoint.id, { nowMs: clock.now(), lead: 'ana' });
  await queue(store.state, endpoint.id, { nowMs: clock.now() + 60 * 60_000, lead: 'ben' });
  await sites.remove(1);
  expect(await dispatcher.runOnce()).toBe(0);
  expect((await deliveries()).map(({ state, note }) => [state, note]).toSorted()).toEqual([
    ['cancelled', 'The endpoint is off.'],
    ['pending', null],
  ]);

  await sites.restore(publicId);
  clock.set('2026-09-01T13:00:00Z');
  expect(await dispatcher.runOnce()).toBe(1);
  expect(receiver.received.map(({ body }) => JSON.parse(body).data.id)).toEqual(['ben']);
});

test('dispatcher: a site that is deleted while its message is on its way out sends no other', async () => {
  const { clock, store, receiver, endpoint, dispatcher } = await setUp();
  const sites = await loadSites(store.state, clock.now);
  for (const lead of ['ana', 'ben']) await queue(store.state, endpoint.id, { nowMs: clock.now(), lead });
  expect(await dispatcher.runOnce()).toBe(1);
  await sites.remove(1);
  expect(await dispatcher.runOnce()).toBe(0);
  expect(receiver.received).toHaveLength(1);
});
