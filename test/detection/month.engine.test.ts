import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import type { EventRow } from '../../collector/contract/row.ts';
import { type Rule, rule as ruleSchema } from '../../collector/contract/rule.ts';
import { createDetector } from '../../collector/detection/run.ts';
import { identifyLead } from '../../collector/leads/identify.ts';
import { createLog } from '../../collector/log.ts';
import { createEndpoint } from '../../collector/state/endpoints.ts';
import { leadOfVisitors } from '../../collector/state/leads.ts';
import { loadRules } from '../../collector/state/rules.ts';
import { loadSites } from '../../collector/state/sites.ts';
import { createDispatcher } from '../../collector/webhooks/dispatcher.ts';
import { foldCases } from '../support/case-fold.ts';
import { fakeClock } from '../support/clock.ts';
import { testDatabase } from '../support/engine.ts';
import { visitorId } from '../support/factories.ts';
import { type Journeys, monthOfJourneys } from '../support/journeys.ts';
import { type Behaviour, openReceiver } from '../support/receiver.ts';
import { type TestState, testState } from '../support/state.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const startMs = Date.parse('2026-09-01T00:00:00Z');

/** Each rule has something the others have not. */
function monthRules(endpoint: (path: string) => string): Rule[] {
  return [
    {
      name: 'Booking',
      kind: 'booking',
      intent: { event: 'booking_start' },
      key: 'prop:booking_id',
      complete: [{ event: 'booking_done' }],
      wait: '60m',
      followUps: [
        { after: '0s', endpoint: endpoint('/mail') },
        { after: '24h', endpoint: endpoint('/offers') },
      ],
    },
    {
      name: 'Form',
      kind: 'form',
      intent: { event: 'form_start' },
      key: 'prop:form',
      complete: [{ event: 'form_submit' }],
      wait: '30m',
      audience: 'identified',
      quietHours: { from: '21:00', to: '08:00', days: ['sun'] },
      followUps: [{ after: '0s', endpoint: endpoint('/crm') }],
    },
    {
      name: 'Quote',
      kind: 'quote',
      intent: { event: 'quote_start' },
      complete: [{ event: 'quote_sent' }],
      wait: '2h',
      cooldown: '3d',
      holdout: 0.2,
      followUps: [{ after: '0s', endpoint: endpoint('/sales') }],
    },
    {
      name: 'Browse',
      kind: 'browse',
      intent: { path: '/pricing' },
      complete: [{ event: 'contact_click' }, { event: 'booking_start' }],
      audience: 'consented',
      followUps: [{ after: '1h', endpoint: endpoint('/mail') }],
    },
  ].map((written) => ruleSchema.parse({ ...written, enabled: true }));
}

/** Every receiver but one fails now and then, each in its own way. */
function failing(path: string, ms: number): Behaviour {
  const ok = { status: 200, body: 'thank you' };
  const hourOfDay = (ms % day) / hour;
  const dayOfMonth = Math.floor((ms - startMs) / day);
  switch (path) {
    case '/mail':
      return dayOfMonth % 3 === 0 && hourOfDay >= 4 && hourOfDay < 6 ? { status: 500 } : ok;
    case '/offers':
      return hourOfDay >= 12 && hourOfDay < 13 ? 'reset' : ok;
    case '/sales':
      return dayOfMonth === 15 && hourOfDay >= 12 && hourOfDay < 15
        ? { status: 429, headers: { 'retry-after': '1800' } }
        : ok;
    default:
      return ok;
  }
}

async function identifyAll(store: TestState, known: Journeys['known'], nowMs: number) {
  for (const { visitor, email } of known) {
    await identifyLead(
      { state: store.state, reactions: [] },
      {
        site: store.site,
        visitorId: visitorId(visitor),
        identity: { email },
        now: nowMs,
      },
    );
  }
  const leads = await leadOfVisitors(
    store.state,
    1,
    known.map(({ visitor }) => visitorId(visitor)),
  );
  return (visitor: string) => {
    const lead = leads.get(visitor);
    return { id: lead?.id ?? visitor, isKnown: lead !== undefined };
  };
}

async function countDue(store: TestState, nowMs: number): Promise<number> {
  const { due } = await store.state.db
    .selectFrom('deliveries')
    .select((eb) => eb.fn.countAll<number>().as('due'))
    .where('state', '=', 'pending')
    .where('next_at_ms', '<=', nowMs)
    .executeTakeFirstOrThrow();
  return due;
}

async function storeRows(db: Awaited<ReturnType<typeof testDatabase>>, rows: readonly EventRow[], intents: EventRow[]) {
  await db.insert([...rows]);
  await db.clickhouse.command('ALTER TABLE intents REMOVE TTL');
  const text = intents.map((row) => `${JSON.stringify(row)}\n`).join('');
  await db.clickhouse.insertLines({ table: 'intents', token: randomUUID(), lines: () => Readable.from([text]) });
}

test('a month of 10,000 journeys: every expected message arrives once, none that is not expected, whatever fails meanwhile', async () => {
  const journeys = monthOfJourneys({ people: 7_700, startMs });
  expect(journeys.count).toBeGreaterThanOrEqual(10_000);
  const clock = fakeClock(startMs - hour);
  const db = await testDatabase();
  onTestFinished(() => db.drop());
  const receiver = await openReceiver({ behaviourOf: (path) => failing(path, clock.now()) });
  onTestFinished(() => receiver.close());
  const store = await testState(clock.now);
  // Nobody pulls the plug in this test, and waiting for the disk would take most of its time.
  await sql`PRAGMA synchronous = OFF`.execute(store.state.db);
  const endpoints = new Map<string, string>();
  for (const path of ['/mail', '/offers', '/crm', '/sales']) {
    const { id } = await createEndpoint(store.state, {
      siteId: 1,
      endpoint: { name: path, url: receiver.url.replace('/hook', path), events: [], enabled: true },
      nowMs: clock.now(),
    });
    endpoints.set(path, id);
  }
  const rules = await loadRules(store.state, clock.now);
  const stored = [];
  for (const rule of monthRules((path) => endpoints.get(path) ?? '')) stored.push(await rules.create(1, rule));
  const personOf = await identifyAll(store, journeys.known, clock.now());
  // All of the month is there from the start; detection sees of it what has arrived by the clock.
  const matchers = rules.matchersFor(1);
  await storeRows(
    db,
    journeys.rows,
    journeys.rows.filter((row) => matchers.some((matches) => matches(row))),
  );
  const caseEvents: EventRow[] = [];
  const detector = createDetector({
    state: store.state,
    clickhouse: db.clickhouse,
    sites: await loadSites(store.state, clock.now),
    rules,
    spool: {
      shippedThrough: clock.now,
      flush: async () => {},
      append: async (rows) => {
        caseEvents.push(...rows);
      },
    },
    now: clock.now,
    log: createLog('silent'),
  });
  const dispatcher = createDispatcher({
    state: store.state,
    now: clock.now,
    log: createLog('silent'),
    allow: ['127.0.0.1/32'],
    isStillAbandoned: detector.isStillAbandoned,
    random: () => 0.5,
    deadlineMs: 60_000,
  });

  // Four hours between two runs: whatever becomes due in between is late by as much.
  const ticks: number[] = [];
  for (let at = startMs + 7 * minute; at <= startMs + 39 * day; at += 4 * hour) ticks.push(at);
  const arrivedAt = new Map<object, number>();
  for (const tick of ticks) {
    clock.set(tick);
    await detector.runOnce();
    // A receiver that has failed is gone easy on: some seconds bring it what has waited.
    for (let second = 0; second < 60; second += 1) {
      while ((await dispatcher.runOnce()) > 0);
      if ((await countDue(store, clock.now())) === 0) break;
      clock.advance(1_000);
    }
    for (const one of receiver.received.slice(arrivedAt.size)) arrivedAt.set(one, tick);
  }

  const expected = foldCases(journeys.rows, {
    rules: stored,
    ticks,
    untilMs: ticks.at(-1) ?? 0,
    personOf,
    timezone: store.site.timezone,
  });
  const pathOf = new Map([...endpoints].map(([path, id]) => [id, path]));
  const messagesExpected = expected.flatMap((one) => {
    const about = `${one.rule.name} ${one.intent.visitor_id} ${new Date(one.intent.at).toISOString()}`;
    return [
      ...one.messages
        .filter(({ sent }) => sent)
        .map(({ followUp, endpoint }) => `created ${about} ${pathOf.get(endpoint)} ${followUp}`),
      ...one.told.map((endpoint) => `recovered ${about} ${pathOf.get(endpoint)}`),
    ];
  });
  const accepted = receiver.received.filter(({ answered }) => typeof answered === 'object' && answered.status === 200);
  const messages = accepted.map(({ message: { type, data }, path }) => {
    const about = `${data.rule} ${data.visitor} ${data.occurredAt} ${path}`;
    return type === 'abandonment.created' ? `created ${about} ${data.followUp}` : `recovered ${about}`;
  });
  // Exactly the expected ones, each once, and none under two ids.
  expect(messages.toSorted()).toEqual(messagesExpected.toSorted());
  expect(new Set(accepted.map(({ id }) => id)).size).toBe(accepted.length);
  // A repeated attempt is the same bytes under the same id.
  const bodies = new Map<string, string>();
  for (const { id, body } of receiver.received) expect(bodies.set(id, bodies.get(id) ?? body).get(id)).toBe(body);
  // Each recovery comes after the abandonment it takes back.
  const createdAt = new Map<string, number>();
  for (const one of accepted) {
    const { type, data } = one.message;
    const about = `${data.id} ${one.path}`;
    if (type === 'abandonment.created')
      createdAt.set(about, Math.min(createdAt.get(about) ?? Infinity, arrivedAt.get(one) ?? 0));
    else expect(createdAt.get(about)).toBeLessThan(arrivedAt.get(one) ?? 0);
  }

  // Every case is where the reference has it, for the same reason.
  const states = (list: { rule: string; visitor: string; at: string; state: string; reason: string | null }[]) =>
    list.map(({ rule, visitor, at, state, reason }) => `${rule} ${visitor} ${at} ${state} ${reason ?? ''}`).toSorted();
  const rows = await store.state.db.selectFrom('cases').selectAll().execute();
  expect(
    states(
      rows.map((row) => ({
        rule: rules.version(row.rule_id, row.rule_version)?.name ?? '',
        visitor: row.visitor_id,
        at: row.occurred_at,
        state: row.state,
        reason: row.reason,
      })),
    ),
  ).toEqual(
    states(
      expected.map((one) => ({
        rule: one.rule.name,
        visitor: one.intent.visitor_id,
        at: new Date(one.intent.at).toISOString(),
        state: one.state,
        reason: one.reason,
      })),
    ),
  );

  // What became of the cases was written as events, each once.
  const names = (name: string) => caseEvents.filter((event) => event.name === name).length;
  expect(new Set(caseEvents.map(({ id }) => id)).size).toBe(caseEvents.length);
  expect(names('abandonment')).toBe(expected.filter(({ abandonedMs }) => abandonedMs !== null).length);
  expect(names('abandonment_recovered')).toBe(
    expected.filter(({ abandonedMs, completedMs }) => abandonedMs !== null && completedMs !== null).length,
  );

  // The month holds enough of everything to mean something.
  const reasons = new Map<string, number>();
  for (const { state, reason } of expected) {
    const what = reason ?? state;
    reasons.set(what, (reasons.get(what) ?? 0) + 1);
  }
  console.info(
    `${journeys.count} journeys, ${expected.length} cases, ${accepted.length} messages (${receiver.received.length} attempts), ${ticks.length} runs: ${JSON.stringify(Object.fromEntries(reasons))}`,
  );
  for (const what of [
    'completed',
    'cooldown',
    'not-identified',
    'no-consent',
    'person-cap',
    'holdout',
    'recovered',
    'expired',
  ]) {
    expect([what, (reasons.get(what) ?? 0) >= 20]).toEqual([what, true]);
  }
  expect(receiver.received.length - accepted.length).toBeGreaterThan(20);
});
