import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { EventRow } from '../../collector/contract/row.ts';
import { type Rule, rule as ruleSchema } from '../../collector/contract/rule.ts';
import { createDetector, type Detector, type DetectorDependencies } from '../../collector/detection/run.ts';
import { createLog } from '../../collector/log.ts';
import { listDeliveries } from '../../collector/state/deliveries.ts';
import { createEndpoint } from '../../collector/state/endpoints.ts';
import { loadRules } from '../../collector/state/rules.ts';
import { loadSites } from '../../collector/state/sites.ts';
import { createDispatcher } from '../../collector/webhooks/dispatcher.ts';
import { fakeClock } from './clock.ts';
import { testDatabase } from './engine.ts';
import { openReceiver } from './receiver.ts';
import { testState } from './state.ts';

/**
 * Everything that acts, wired as in the product: real ClickHouse, real state store, real receiver. The clock stands at 10:00 UTC of
 * 2026-09-01 until it is moved; the booking rule is on, waits 60 minutes and writes at once.
 */
export async function acting(options: { rule?: Partial<Rule> } = {}) {
  const clock = fakeClock('2026-09-01T10:00:00Z');
  const db = await testDatabase();
  onTestFinished(() => db.drop());
  // The events of the tests are of a fixed day; the database would drop them as too old by its own clock.
  await db.clickhouse.command('ALTER TABLE intents REMOVE TTL');
  const receiver = await openReceiver();
  onTestFinished(() => receiver.close());
  const store = await testState(clock.now);
  const endpoint = await createEndpoint(store.state, {
    siteId: 1,
    endpoint: { name: 'Automation', url: receiver.url, events: [], enabled: true },
    nowMs: clock.now(),
  });
  const rule = {
    ...ruleSchema.parse({
      name: 'Booking abandoned',
      kind: 'booking',
      intent: { event: 'booking_start' },
      key: 'prop:booking_id',
      complete: [{ event: 'booking_done' }],
      wait: '60m',
      followUps: [{ after: '0s', endpoint: endpoint.id }],
      enabled: true,
    }),
    ...options.rule,
  };

  /** What a start of the process makes of the files; a second call is a restart. */
  const boot = async () => {
    const { state } = store;
    const rules = await loadRules(state, clock.now);
    const sites = await loadSites(state, clock.now);
    const deps: DetectorDependencies = {
      state,
      clickhouse: db.clickhouse,
      sites,
      rules,
      // Events are stored the moment they arrive here, so nothing is ever on its way.
      spool: { shippedThrough: clock.now, flush: async () => {}, append: async (rows) => db.insert([...rows]) },
      now: clock.now,
      log: createLog('silent'),
    };
    const detector = createDetector(deps);
    return { rules, detector, deps, dispatcher: dispatcherFor(detector) };
  };
  const dispatcherFor = (detector: Pick<Detector, 'isStillAbandoned'>) =>
    createDispatcher({
      state: store.state,
      now: clock.now,
      log: createLog('silent'),
      allow: ['127.0.0.1/32'],
      isStillAbandoned: detector.isStillAbandoned,
      random: () => 0.5,
      deadlineMs: 60_000,
    });

  const first = await boot();
  const { id: ruleId } = await first.rules.create(1, rule);

  return {
    ...first,
    clock,
    store,
    db,
    receiver,
    endpoint,
    ruleId,
    boot,
    dispatcherFor,
    /** Stores events as shipping does: all in `events`, those that a rule asks about in `intents` too. */
    async arrive(...rows: EventRow[]) {
      await db.insert(rows);
      const asked = rows.filter((row) => first.rules.matchersFor(row.site_id).some((matches) => matches(row)));
      if (asked.length === 0) return;
      const text = asked.map((row) => `${JSON.stringify(row)}\n`).join('');
      await db.clickhouse.insertLines({ table: 'intents', token: randomUUID(), lines: () => Readable.from([text]) });
    },
    cases: () => store.state.db.selectFrom('cases').selectAll().orderBy('occurred_at').orderBy('key').execute(),
    history: async () =>
      (await store.state.db.selectFrom('case_history').selectAll().orderBy('id').execute()).map(({ state, reason }) =>
        reason ? `${state} (${reason})` : state,
      ),
    deliveries: async () => (await listDeliveries(store.state.db, { siteId: 1 }, { limit: 1_000 })).items.toReversed(),
    /** What the receiver got, as `type case followUp`. */
    got: () => receiver.received.map(({ message }) => `${message.type} ${message.data.key} ${message.data.followUp}`),
  };
}
