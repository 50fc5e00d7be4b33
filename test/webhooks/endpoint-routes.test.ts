import { Hono } from 'hono';
import { expect, onTestFinished, test } from 'vitest';
import type { List } from '../../collector/contract/answers.ts';
import { type Rule, rule as ruleSchema } from '../../collector/contract/rule.ts';
import {
  type Delivery,
  type Hook,
  hiddenHeaderValue,
  type Preview,
  type StoredEndpoint,
  type TemplatePreset,
  type TestResult,
} from '../../collector/contract/webhooks.ts';
import { AppError, type ErrorDetail } from '../../collector/errors.ts';
import { endpointRoutes } from '../../collector/routes/endpoints.ts';
import type { Env, Principal } from '../../collector/routes/env.ts';
import { hookRoutes } from '../../collector/routes/hooks.ts';
import { loadRules } from '../../collector/state/rules.ts';
import { loadSites } from '../../collector/state/sites.ts';
import { addToOutbox } from '../../collector/webhooks/outbox.ts';
import { fakeClock } from '../support/clock.ts';
import { type Behaviour, openReceiver } from '../support/receiver.ts';
import { testState } from '../support/state.ts';

interface Refusal {
  error: { code: string; message: string; details?: ErrorDetail[] };
}

async function setUp(options: { deadlineMs?: number } = {}) {
  const clock = fakeClock('2026-09-01T12:00:00Z');
  const { state, site } = await testState(clock.now);
  const receiver = await openReceiver();
  onTestFinished(() => receiver.close());
  const rules = await loadRules(state, clock.now);
  const sites = await loadSites(state, clock.now);
  const who: { principal: Principal } = { principal: { kind: 'local' } };
  const allow = ['127.0.0.1/32'];
  const app = new Hono<Env>();
  app.onError((error, c) => {
    if (!(error instanceof AppError)) throw error;
    return c.json({ error: { code: error.code, message: error.message, details: error.details } }, error.status);
  });
  app.use(async (c, next) => {
    c.set('site', site);
    c.set('principal', who.principal);
    await next();
  });
  app.route('/', hookRoutes({ state, sites, now: clock.now, allow }));
  app.route(
    '/',
    endpointRoutes({
      state,
      rules,
      now: clock.now,
      viewed: async () => [],
      allow,
      random: () => 0.5,
      deadlineMs: options.deadlineMs ?? 60_000,
    }),
  );
  const send = async <Answer = unknown>(method: string, path: string, body?: unknown): Promise<[number, Answer]> => {
    const response = await app.request(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return [response.status, (response.status === 204 ? null : await response.json()) as Answer];
  };
  return {
    clock,
    state,
    site,
    rules,
    receiver,
    who,
    send,
    /** An endpoint at the receiver, without a test message. */
    async add(more: Record<string, unknown> = {}) {
      const [status, made] = await send<StoredEndpoint & { secret: string }>('POST', '/endpoints?test=false', {
        name: 'Automation',
        url: receiver.url,
        ...more,
      });
      expect(status).toBe(201);
      return made;
    },
    addRule: (followUps: Rule['followUps']) =>
      rules.create(
        1,
        ruleSchema.parse({
          name: 'Booking abandoned',
          intent: { event: 'booking_start' },
          complete: [{ event: 'booking_done' }],
          followUps,
          enabled: true,
        }),
      ),
    queue: (endpointId: string, lead: string) =>
      addToOutbox(state.db, {
        siteId: 1,
        endpointId,
        message: { type: 'lead.created', timestamp: '2026-09-01T12:00:00.000Z', data: { id: lead } },
        nextAtMs: clock.now(),
        once: [lead],
        nowMs: clock.now(),
      }),
  };
}

test('endpoints: saving one sends it a signed test first', async () => {
  const { send, receiver } = await setUp();
  const [status, made] = await send<StoredEndpoint>('POST', '/endpoints', { name: 'Automation', url: receiver.url });
  expect(status).toBe(201);
  expect(receiver.received.map(({ message }) => message.type)).toEqual(['webhook.test']);
  expect(made.lastTest).toEqual({ at: '2026-09-01T12:00:00.000Z', error: null });
});

test.each<{ reason: string; behaviour: Behaviour; deadlineMs?: number }>([
  { reason: 'The receiver answered 500.', behaviour: { status: 500 } },
  { reason: 'No complete answer within 0.5 s.', behaviour: 'hang', deadlineMs: 500 },
  {
    reason: 'The receiver answered 302. Redirects are not followed: use the final address.',
    behaviour: { status: 302, headers: { location: 'https://example.com/' } },
  },
])('endpoints: one that fails its test is refused, and nothing is stored: $reason', async (failure) => {
  const { send, receiver } = await setUp(failure);
  receiver.plan(failure.behaviour);
  const [status, refusal] = await send<Refusal>('POST', '/endpoints', { name: 'Automation', url: receiver.url });
  expect([status, refusal.error.code]).toEqual([422, 'endpoint_failed']);
  expect(refusal.error.details).toEqual([
    {
      path: 'url',
      message: `${failure.reason} Repair the receiver and save again, or save the endpoint switched off and test it later.`,
    },
  ]);
  expect((await send<List<StoredEndpoint>>('GET', '/endpoints'))[1].total).toBe(0);
});

test('endpoints: one that is saved switched off is tested when it is switched on', async () => {
  const { send, receiver } = await setUp();
  receiver.plan({ status: 500 });
  const [status, made] = await send<StoredEndpoint>('POST', '/endpoints', {
    name: 'Later',
    url: receiver.url,
    enabled: false,
  });
  expect([status, made.enabled, made.notice]).toEqual([201, false, null]);
  expect((await send('PATCH', `/endpoints/${made.id}`, { enabled: true }))[0]).toBe(422);
  expect((await send<StoredEndpoint>('GET', `/endpoints/${made.id}`))[1].enabled).toBe(false);
  expect(await send('PATCH', `/endpoints/${made.id}`, { enabled: true })).toMatchObject([200, { enabled: true }]);
  // What is sent stays the same: no test.
  await send('PATCH', `/endpoints/${made.id}`, { name: 'Now' });
  expect(receiver.received).toHaveLength(2);
});

test('endpoints: a test that fails later stays visible until one passes', async () => {
  const { send, receiver, add } = await setUp();
  const { id } = await add();
  receiver.plan({ status: 503 });
  await send('POST', `/endpoints/${id}/test`);
  expect((await send<StoredEndpoint>('GET', `/endpoints/${id}`))[1]).toMatchObject({
    lastTest: { error: 'The receiver answered 503.' },
    notice: { level: 'warning', message: 'The last test failed. The receiver answered 503.' },
  });
  await send('POST', `/endpoints/${id}/test`);
  expect((await send<StoredEndpoint>('GET', `/endpoints/${id}`))[1]).toMatchObject({
    lastTest: { error: null },
    notice: null,
  });
});

test('templates: one that renders no JSON is refused at save with line and column', async () => {
  const { send, receiver, add } = await setUp();
  const template = '{\n  "text": "{{ data.name }}",\n  "value": {{ data.value }}\n}';
  const [status, refusal] = await send<Refusal>('POST', '/endpoints', { name: 'Slack', url: receiver.url, template });
  expect([status, refusal.error.code]).toEqual([400, 'invalid_request']);
  expect(refusal.error.details).toEqual([
    { path: 'template', line: 3, column: 12, message: expect.stringContaining('unexpected "}"') },
  ]);
  const { id } = await add();
  expect((await send('PATCH', `/endpoints/${id}`, { template }))[0]).toBe(400);
  expect(receiver.connections()).toBe(0);
});

test('templates: an endpoint with one gets what it renders, signed', async () => {
  const { send, receiver } = await setUp();
  const [, made] = await send<StoredEndpoint>('POST', '/endpoints', {
    name: 'Chat',
    url: receiver.url,
    template: '{ "text": "{{ data.name }} left {{ data.page }}" }',
  });
  expect(made.template).toBe('{ "text": "{{ data.name }} left {{ data.page }}" }');
  expect(receiver.received.map(({ body }) => body)).toEqual(['{ "text": "Ana Example left Book a treatment" }']);
  expect((await send<StoredEndpoint>('PATCH', `/endpoints/${made.id}`, { template: null }))[1].template).toBeNull();
});

test('templates: a preview says what a message becomes, and what is wrong without being an error', async () => {
  const { send } = await setUp();
  const [, fine] = await send<Preview>('POST', '/endpoints/preview', {
    template: '{ "who": {{ data.email | json }} }',
  });
  expect(fine).toMatchObject({ body: '{ "who": "ana@example.com" }', problems: [], caseId: null });
  const [status, wrong] = await send<Preview>('POST', '/endpoints/preview', {
    template: '{\n "who": {{ data.mail }} }',
  });
  expect(status).toBe(200);
  expect(wrong.problems).toEqual([{ message: 'No message has "data.mail".', line: 2, column: 12 }]);
  const [, raw] = await send<Preview>('POST', '/endpoints/preview', { template: null, event: 'report.weekly' });
  expect(JSON.parse(raw.body ?? '')).toMatchObject({ type: 'report.weekly', data: { visitors: 1200 } });
});

test('templates: a preview and a test on a real case show what was sent about it', async () => {
  const { send, state, receiver, add, addRule } = await setUp();
  const { id } = await add();
  const made = await addRule([{ after: '0s', endpoint: id }]);
  const at = '2026-08-31T10:00:00.000Z';
  const intent = {
    name: 'booking_start',
    title: 'Book a massage',
    origin: 'https://example.com',
    host: 'example.com',
    path: '/book',
    value: 120,
    currency: '',
    props: { treatment: 'Massage' },
    persistent: 1,
    source: 'google',
    medium: '',
    campaign: '',
    referrer: '',
    channel: 'organic_search',
    country: 'DE',
    device: 'desktop',
  };
  await state.db
    .insertInto('cases')
    .values({
      id: 'cas_ben',
      site_id: 1,
      rule_id: made.id,
      rule_version: made.version,
      dedup_key: 'ben',
      visitor_id: '17',
      session_id: '1',
      key: 'b-7',
      state: 'abandoned',
      reason: null,
      intent: JSON.stringify(intent),
      occurred_at: at,
      occurred_seq: 0,
      received_at_ms: Date.parse(at),
      due_at_ms: Date.parse(at),
      abandoned_at: at,
      notified_at: null,
      recovered_at: null,
      created_at: at,
    })
    .execute();
  const template = '{ "treatment": "{{ data.intent.props.treatment }}", "key": "{{ data.key }}" }';
  for (const wanted of ['latest', 'cas_ben']) {
    const [, preview] = await send<Preview>('POST', '/endpoints/preview', { template, case: wanted });
    expect(preview).toMatchObject({ body: '{ "treatment": "Massage", "key": "b-7" }', caseId: 'cas_ben' });
  }
  expect((await send('POST', '/endpoints/preview', { template, case: 'cas_nobody' }))[0]).toBe(404);
  const [, result] = await send<TestResult>('POST', `/endpoints/${id}/test`, { case: 'latest' });
  expect(result).toMatchObject({ status: 200, caseId: 'cas_ben' });
  expect(receiver.received[0]?.message).toMatchObject({
    type: 'webhook.test',
    data: { id: 'cas_ben', value: 120, page: 'Book a massage', resumeUrl: 'https://example.com/book' },
  });
});

test('templates: the presets are listed, and each can be saved', async () => {
  const { send, receiver } = await setUp();
  const [, { items }] = await send<List<TemplatePreset>>('GET', '/endpoints/presets');
  expect(items.map(({ id }) => id)).toEqual(['raw', 'slack', 'discord', 'teams', 'crm']);
  for (const { name, template } of items) {
    expect((await send('POST', '/endpoints', { name, url: receiver.url, template }))[0]).toBe(201);
  }
});

test('headers: an endpoint’s own are sent, and their values are never shown again', async () => {
  const { send, receiver, state } = await setUp();
  const headers = { Authorization: 'Bearer s3cret-of-the-crm', 'X-Team': 'north' };
  const [, made] = await send<StoredEndpoint>('POST', '/endpoints', { name: 'CRM', url: receiver.url, headers });
  expect(receiver.received[0]?.headers).toMatchObject({ authorization: 'Bearer s3cret-of-the-crm', 'x-team': 'north' });
  expect(made.headers).toEqual({ Authorization: hiddenHeaderValue, 'X-Team': hiddenHeaderValue });
  // Sent back as they were shown, they stay; one that is left out goes.
  const patch = { headers: { Authorization: hiddenHeaderValue } };
  await send('PATCH', `/endpoints/${made.id}`, patch);
  expect(receiver.received[1]?.headers.authorization).toBe('Bearer s3cret-of-the-crm');
  expect(receiver.received[1]?.headers['x-team']).toBeUndefined();
  await send('POST', `/endpoints/${made.id}/test`);
  const [, log] = await send<List<Delivery>>('GET', '/deliveries');
  expect(log.items[0]?.attempts[0]?.request).toMatchObject({
    url: receiver.url,
    headers: { Authorization: hiddenHeaderValue, 'webhook-id': log.items[0]?.id },
  });
  const stored = JSON.stringify([
    await state.db.selectFrom('endpoints').selectAll().execute(),
    await state.db.selectFrom('attempts').selectAll().execute(),
  ]);
  expect(stored).not.toContain('s3cret-of-the-crm');
  expect(stored).not.toContain('whsec_');
});

test.each([
  ['Host', 'evil.example'],
  ['content-length', '3'],
  ['Content-Type', 'text/plain'],
  ['Transfer-Encoding', 'chunked'],
  ['Connection', 'keep-alive'],
  ['Upgrade', 'websocket'],
  ['Cookie', 'a=b'],
  ['webhook-id', 'msg_1'],
  ['Webhook-Signature', 'v1,x'],
  ['Proxy-Authorization', 'Basic x'],
  ['X Y', 'space in the name'],
  ['X-A:', 'colon in the name'],
  ['X-A\r\nX-B', 'line in the name'],
  ['X-A', 'one\r\nX-B: two'],
  ['X-A', 'one\ntwo'],
  ['X-A', 'nul\u0000'],
  ['X-A', 'emoji 🙂'],
  ['X-A', ''],
  ['X-A', hiddenHeaderValue],
])('headers: %j with %j is refused when it is saved', async (name, value) => {
  const { send, receiver } = await setUp();
  const [status, refusal] = await send<Refusal>('POST', '/endpoints', {
    name: 'CRM',
    url: receiver.url,
    headers: { [name]: value },
  });
  expect([status, refusal.error.details?.[0]?.path]).toEqual([400, `headers.${name}`]);
  expect(receiver.connections()).toBe(0);
});

test('deleting: an endpoint in use is refused with what would stop, and deleted when that is confirmed', async () => {
  const { send, add, addRule, queue } = await setUp();
  const [one, other] = [await add(), await add({ name: 'Other' })];
  const only = await addRule([{ after: '0s', endpoint: one.id }]);
  const both = await addRule([
    { after: '0s', endpoint: one.id },
    { after: '24h', endpoint: other.id },
  ]);
  await queue(one.id, 'ana');
  const [status, refusal] = await send<Refusal>('DELETE', `/endpoints/${one.id}`);
  expect([status, refusal.error.code]).toEqual([409, 'conflict']);
  expect(refusal.error.details).toEqual([
    { path: `rules.${only.id}`, message: 'The rule "Booking abandoned" will send nothing any more.' },
    { path: `rules.${both.id}`, message: 'The rule "Booking abandoned" will leave out 1 of its 2 messages.' },
    { path: 'deliveries', message: '1 message waits for it and is not sent.' },
  ]);
  expect(await send('DELETE', `/endpoints/${one.id}?confirm=true`)).toEqual([204, null]);
  expect((await send<List<Delivery>>('GET', '/deliveries?state=cancelled'))[1].total).toBe(1);
});

test('replay: of a time range, only what is in that state, and tests never', async () => {
  const { send, state, clock, add, queue } = await setUp();
  const { id } = await add();
  for (const lead of ['ana', 'ben', 'cleo', 'dan']) {
    await queue(id, lead);
    clock.advance(60 * 60_000);
  }
  await send('POST', `/endpoints/${id}/test`);
  await state.db.updateTable('deliveries').set({ state: 'failed', attempt_count: 10 }).execute();
  expect((await send<List<Delivery>>('GET', '/deliveries?state=failed'))[1].total).toBe(5);
  expect((await send<List<Delivery>>('GET', '/deliveries?state=dead'))[1].total).toBe(4);
  // Made at 12, 13, 14 and 15 o'clock UTC: the second and the third.
  const range = { from: '2026-09-01T13:00:00Z', to: '2026-09-01T15:00:00Z' };
  expect(await send('POST', `/endpoints/${id}/replay`, { ...range, status: 'delivered' })).toEqual([
    200,
    { replayed: 0 },
  ]);
  expect(await send('POST', `/endpoints/${id}/replay`, range)).toEqual([200, { replayed: 2 }]);
  const [, { items }] = await send<List<Delivery>>('GET', '/deliveries?state=pending');
  expect(items.map(({ body }) => (JSON.parse(body) as { data: { id: string } }).data.id)).toEqual(['cleo', 'ben']);
  expect((await send('POST', `/endpoints/${id}/replay`, { from: range.to, to: range.from }))[0]).toBe(400);
  await send('PATCH', `/endpoints/${id}`, { enabled: false });
  expect((await send('POST', `/endpoints/${id}/replay`, range))[0]).toBe(409);
});

test('hooks: a no-code tool subscribes once, sees its hook and unsubscribes by id or by address', async () => {
  const { send, receiver, site } = await setUp();
  const subscription = { targetUrl: `${receiver.url}/a`, event: 'abandonment.created', site: site.publicId };
  const [status, hook] = await send<Hook & { secret: string }>('POST', '/hooks', subscription);
  expect(status).toBe(201);
  expect(hook).toMatchObject({ targetUrl: subscription.targetUrl, event: 'abandonment.created', site: site.publicId });
  expect(hook.secret).toMatch(/^whsec_/);
  expect(await send('POST', '/hooks', subscription)).toMatchObject([200, { id: hook.id }]);
  expect((await send<List<Hook>>('GET', '/hooks'))[1].items.map(({ id }) => id)).toEqual([hook.id]);
  // An automation would take a test for a real message.
  expect(receiver.connections()).toBe(0);
  expect((await send('DELETE', `/hooks/${hook.id}`))[0]).toBe(204);
  expect((await send('DELETE', `/hooks/${hook.id}`))[0]).toBe(404);
  await send('POST', '/hooks', subscription);
  expect((await send('DELETE', '/hooks', subscription))[0]).toBe(204);
  expect((await send<List<Hook>>('GET', '/hooks'))[1].total).toBe(0);
});

test('hooks: a private address, an unknown type and somebody else’s site are refused', async () => {
  const { send, site, receiver, who } = await setUp();
  const good = { targetUrl: `${receiver.url}/a`, event: 'lead.created', site: site.publicId };
  expect(await send('POST', '/hooks', { ...good, targetUrl: 'http://10.0.0.1/' })).toMatchObject([422, {}]);
  expect((await send('POST', '/hooks', { ...good, event: 'lead.eaten' }))[0]).toBe(400);
  expect((await send('POST', '/hooks', { ...good, event: 'webhook.test' }))[0]).toBe(400);
  const [, hook] = await send<Hook>('POST', '/hooks', good);
  who.principal = { kind: 'key', keyId: 'k', scope: 'admin', siteId: 2 };
  expect((await send('POST', '/hooks', good))[0]).toBe(404);
  expect((await send('DELETE', `/hooks/${hook.id}`))[0]).toBe(404);
  expect((await send<List<Hook>>('GET', '/hooks'))[1].total).toBe(0);
  // A key for one site need not name it.
  who.principal = { kind: 'key', keyId: 'k', scope: 'admin', siteId: 1 };
  expect(await send('POST', '/hooks', { targetUrl: good.targetUrl, event: good.event })).toMatchObject([
    200,
    { id: hook.id },
  ]);
});

test('hooks: every type has a sample, as a list of one', async () => {
  const { send } = await setUp();
  const [, { items }] = await send<List<{ event: string; description: string }>>('GET', '/hooks/events');
  expect(items.length).toBeGreaterThanOrEqual(12);
  for (const { event } of items) {
    const [status, samples] = await send<{ type: string; data: object }[]>('GET', `/hooks/samples/${event}`);
    expect([status, samples.length, samples[0]?.type]).toEqual([200, 1, event]);
    expect(Object.keys(samples[0]?.data ?? {}).length).toBeGreaterThan(5);
  }
  expect((await send('GET', '/hooks/samples/nothing'))[0]).toBe(404);
});
