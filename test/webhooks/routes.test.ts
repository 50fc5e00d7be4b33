import { Hono } from 'hono';
import { expect, onTestFinished, test } from 'vitest';
import type { Delivery, StoredEndpoint } from '../../collector/contract/webhooks.ts';
import { AppError } from '../../collector/errors.ts';
import { endpointRoutes } from '../../collector/routes/endpoints.ts';
import type { Env } from '../../collector/routes/env.ts';
import { loadRules } from '../../collector/state/rules.ts';
import { fakeClock } from '../support/clock.ts';
import { openReceiver } from '../support/receiver.ts';
import { testState } from '../support/state.ts';

async function setUp({ allow = ['127.0.0.1/32'] }: { allow?: string[] } = {}) {
  const clock = fakeClock('2026-09-01T12:00:00Z');
  const { state, site } = await testState(clock.now);
  const receiver = await openReceiver();
  onTestFinished(() => receiver.close());
  const app = new Hono<Env>();
  app.onError((error, c) => {
    if (!(error instanceof AppError)) throw error;
    return c.json({ error: { code: error.code, message: error.message, details: error.details } }, error.status);
  });
  app.use(async (c, next) => {
    c.set('site', site);
    await next();
  });
  const rules = await loadRules(state, clock.now);
  app.route(
    '/',
    endpointRoutes({
      state,
      rules,
      now: clock.now,
      viewed: async () => [],
      allow,
      random: () => 0.5,
      deadlineMs: 60_000,
    }),
  );
  return {
    state,
    receiver,
    /** Status and body of a request. */
    async send<Answer = unknown>(method: string, path: string, body?: unknown): Promise<[number, Answer]> {
      const response = await app.request(path, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      return [response.status, (response.status === 204 ? null : await response.json()) as Answer];
    },
  };
}

test('endpoints: the secret is shown when it is made and when it is changed, and nowhere else', async () => {
  const { send, receiver } = await setUp();
  const [status, made] = await send<StoredEndpoint & { secret: string }>('POST', '/endpoints', {
    name: 'Automation',
    url: receiver.url,
  });
  expect(status).toBe(201);
  expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const [, rotated] = await send<{ secret: string; previousUntil: string }>('POST', `/endpoints/${made.id}/rotate`);
  expect(rotated.secret).not.toBe(made.secret);
  expect(rotated.previousUntil).toBe('2026-09-02T12:00:00.000Z');
  for (const path of ['/endpoints', `/endpoints/${made.id}`]) {
    const [ok, shown] = await send('GET', path);
    expect(ok).toBe(200);
    expect(JSON.stringify(shown)).not.toContain('whsec_');
  }
});

test('endpoints: a private address is refused when saved, when changed and when tested', async () => {
  const { send, state, receiver } = await setUp({ allow: [] });
  const refusal = { error: { code: 'blocked_address' } };
  expect(await send('POST', '/endpoints', { name: 'Inside', url: receiver.url })).toMatchObject([422, refusal]);
  const [, made] = await send<StoredEndpoint>('POST', '/endpoints?test=false', {
    name: 'Outside',
    url: 'https://8.8.8.8/hook',
  });
  expect(await send('PATCH', `/endpoints/${made.id}`, { url: receiver.url })).toMatchObject([422, refusal]);
  await state.db.updateTable('endpoints').set({ url: receiver.url }).execute();
  expect(await send('POST', `/endpoints/${made.id}/test`)).toMatchObject([422, refusal]);
  expect(receiver.connections()).toBe(0);
});

test('endpoints: a change keeps what it does not name', async () => {
  const { send, receiver } = await setUp();
  const [, made] = await send<StoredEndpoint>('POST', '/endpoints', {
    name: 'Automation',
    url: receiver.url,
    events: ['abandonment.created'],
  });
  const [, changed] = await send<StoredEndpoint>('PATCH', `/endpoints/${made.id}`, { name: 'Mail' });
  expect(changed).toMatchObject({ name: 'Mail', events: ['abandonment.created'], enabled: true });
  expect(await send('PATCH', `/endpoints/${made.id}`, { secret: 'mine' })).toMatchObject([400, {}]);
});

test('endpoints: a test message goes out at once and answers with the attempt', async () => {
  const { send, receiver } = await setUp();
  const [, made] = await send<StoredEndpoint>('POST', '/endpoints?test=false', {
    name: 'Automation',
    url: receiver.url,
  });
  receiver.plan({ status: 200, body: 'got it' }, { status: 500 });
  expect(await send('POST', `/endpoints/${made.id}/test`)).toMatchObject([
    200,
    { status: 200, error: null, response: 'got it' },
  ]);
  expect(receiver.received[0]?.message).toMatchObject({
    type: 'webhook.test',
    data: { rule: 'Booking started and not finished', resumeUrl: 'https://example.com/book?booking=b-1042' },
  });
  expect(await send('POST', `/endpoints/${made.id}/test`)).toMatchObject([200, { status: 500 }]);
  // A test is not repeated, and it does not count against the endpoint.
  const [, { items, total }] = await send<{ items: Delivery[]; total: number }>('GET', '/deliveries?state=failed');
  expect([items.length, total, items[0]?.nextAttemptAt]).toEqual([1, 1, null]);
  expect((await send<StoredEndpoint>('GET', `/endpoints/${made.id}`))[1].health).toEqual({
    delivered: 1,
    failed: 1,
    pending: 0,
    lastStatus: 500,
    lastAt: '2026-09-01T12:00:00.000Z',
    p95Ms: expect.any(Number),
  });
});

test('deliveries: pages follow each other without a gap, and a replay keeps the id', async () => {
  const { send, receiver } = await setUp();
  const [, made] = await send<StoredEndpoint>('POST', '/endpoints?test=false', {
    name: 'Automation',
    url: receiver.url,
  });
  for (let count = 0; count < 5; count += 1) await send('POST', `/endpoints/${made.id}/test`);
  const seen: string[] = [];
  let cursor = '';
  for (;;) {
    const [, page] = await send<{ items: Delivery[]; total: number; next: string | null }>(
      'GET',
      `/deliveries?limit=2${cursor}`,
    );
    expect(page.total).toBe(5);
    seen.push(...page.items.map(({ id }) => id));
    if (page.next === null) break;
    cursor = `&cursor=${page.next}`;
  }
  expect(new Set(seen).size).toBe(5);
  expect(seen.toSorted()).toEqual(receiver.received.map(({ id }) => id).toSorted());
  expect(await send('POST', `/deliveries/${seen[0]}/replay`)).toMatchObject([200, { id: seen[0], state: 'pending' }]);
  expect(await send('POST', '/deliveries/msg_nobody/replay')).toMatchObject([404, {}]);
});

test('endpoints: a deleted one is gone', async () => {
  const { send, receiver } = await setUp();
  const [, made] = await send<StoredEndpoint>('POST', '/endpoints', { name: 'Automation', url: receiver.url });
  expect(await send('DELETE', `/endpoints/${made.id}`)).toEqual([204, null]);
  expect(await send('GET', `/endpoints/${made.id}`)).toMatchObject([404, {}]);
  expect(await send('GET', '/endpoints')).toEqual([200, { items: [], total: 0, next: null }]);
});
