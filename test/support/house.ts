import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { HousePart, HouseParts } from '../../collector/contract/house.ts';
import { houseSchemas } from '../../collector/contract/house.ts';
import type { LeadEventData, TouchKind } from '../../collector/contract/leads.ts';
import { touchDefaults } from '../../collector/contract/leads.ts';
import { type EventRow, toTimestamp } from '../../collector/contract/row.ts';
import type { Identity } from '../../collector/contract/wire.ts';
import { createHouseWork } from '../../collector/leads/house-work.ts';
import { identifyLead } from '../../collector/leads/identify.ts';
import { recordOnLead } from '../../collector/leads/record.ts';
import { createLog } from '../../collector/log.ts';
import { createEndpoint } from '../../collector/state/endpoints.ts';
import { loadHouseRules } from '../../collector/state/house-rules.ts';
import type { NewLeadEvent } from '../../collector/state/lead-ledger.ts';
import { loadSites } from '../../collector/state/sites.ts';
import { fakeClock } from './clock.ts';
import { eventRow, testDatabase } from './engine.ts';
import { type memoryState, testState } from './state.ts';

/**
 * A house with leads, wired as in the product: real ClickHouse, real state store. The clock stands at 10:00 in Berlin on Tuesday,
 * 1 September 2026, until it is moved; an endpoint of the store has named everything about leads.
 */
export async function openHouse(start = '2026-09-01T08:00:00Z', stateOf: typeof memoryState = testState) {
  const clock = fakeClock(start);
  const db = await testDatabase();
  onTestFinished(() => db.drop());
  // The events of the tests are of a fixed day; the database would drop them as too old by its own clock.
  await db.clickhouse.command('ALTER TABLE intents REMOVE TTL');
  const store = await stateOf(clock.now);
  await createEndpoint(store.state, {
    siteId: 1,
    endpoint: {
      name: 'CRM',
      url: 'https://crm.example.org/',
      events: ['lead.hot', 'lead.neglected', 'lead.recycled'],
      enabled: true,
    },
    nowMs: clock.now(),
  });

  /** What a start of the process makes of the files; a second call is a restart. */
  const boot = async () => {
    const { state } = store;
    const house = await loadHouseRules(state, clock.now);
    const sites = await loadSites(state, clock.now);
    const deps = {
      state,
      clickhouse: db.clickhouse,
      sites,
      house,
      // Events are stored the moment they arrive here, so nothing is ever on its way.
      spool: { shippedThrough: clock.now },
      now: clock.now,
      log: createLog('silent'),
    };
    return { house, work: createHouseWork(deps), deps };
  };
  const first = await boot();
  const { site } = store;

  const save = async <Part extends HousePart>(part: Part, rules: unknown) =>
    first.house.save(1, part, { rules: houseSchemas[part].parse(rules) as HouseParts[Part], by: 'user:ana' });
  const record = async (leadId: string, events: readonly Omit<NewLeadEvent, 'atMs' | 'actor'>[]) =>
    store.state.db.transaction().execute((trx) =>
      recordOnLead(trx, {
        site,
        leadId,
        events: events.map((event) => ({ ...event, atMs: clock.now(), actor: 'user:ana' }) as NewLeadEvent),
        nowMs: clock.now(),
        reactions: [],
      }),
    );

  return {
    ...first,
    clock,
    db,
    store,
    boot,
    save,
    record,
    /** Somebody says who they are in this browser. Answers the id of the lead. */
    async identify(visitorId: string, identity: Identity) {
      const said = await identifyLead(
        { state: store.state, reactions: [] },
        { site, visitorId, identity, now: clock.now() },
      );
      if (!said) throw new Error('nobody was named');
      return said.leadId;
    },
    async touch(leadId: string, touch: TouchKind, more: Partial<LeadEventData['touch']> = {}) {
      await record(leadId, [{ kind: 'touch', data: { touch, ...touchDefaults[touch], ...more } }]);
    },
    async stage(leadId: string, to: LeadEventData['stage']['to'], more: Partial<LeadEventData['stage']> = {}) {
      await record(leadId, [{ kind: 'stage', data: { to, ...more } }]);
    },
    /** Something happens on the website now; stored as shipping does, also where detection and the house look for it. */
    async visit(visitorId: string, path: string, more: Partial<EventRow> = {}) {
      const ts = toTimestamp(clock.now());
      const row = eventRow({
        visitor_id: visitorId,
        path,
        ts,
        page_id: String(Math.trunc(Math.random() * 2 ** 50)),
        ...more,
      });
      await db.insert([row]);
      const text = `${JSON.stringify(row)}\n`;
      await db.clickhouse.insertLines({ table: 'intents', token: randomUUID(), lines: () => Readable.from([text]) });
    },
    lead: (id: string) => store.state.db.selectFrom('leads').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
    /** What happened to a lead by the rules of the house, as `kind what`. */
    async history(id: string) {
      const rows = await store.state.db
        .selectFrom('lead_events')
        .selectAll()
        .where('lead_id', '=', id)
        .where('actor', '=', 'system')
        .orderBy('seq')
        .execute();
      return rows.map(({ kind, data }) => {
        const told = JSON.parse(data) as Record<string, unknown>;
        return `${kind} ${told.to ?? told.clock ?? told.temperature ?? told.why ?? told.reason}`;
      });
    },
    /** Messages that go out, as `type lead`. */
    async messages() {
      const rows = await store.state.db.selectFrom('deliveries').select('body').orderBy('created_at').execute();
      return rows.map(({ body }) => {
        const { type, data } = JSON.parse(body) as { type: string; data: { email: string } };
        return `${type} ${data.email}`;
      });
    },
  };
}
