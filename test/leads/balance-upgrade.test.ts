import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { balance } from '../../collector/leads/balance.ts';
import { identifyLead } from '../../collector/leads/identify.ts';
import { mergeLeads } from '../../collector/leads/merge-leads.ts';
import { recordOnLead } from '../../collector/leads/record.ts';
import { toWeek } from '../../collector/queries/week.ts';
import type { NewLeadEvent } from '../../collector/state/lead-ledger.ts';
import { fakeClock } from '../support/clock.ts';
import { testState } from '../support/state.ts';

const day = 86_400_000;

test('after an upgrade from before spans had a clock, the balance tells the same of every lead', async () => {
  const clock = fakeClock('2026-08-03T10:00:00Z');
  const store = await testState(clock.now);
  const { site } = store;
  const soon = clock.now() + day;
  const owned = { kind: 'owner', data: { to: 'u1' } } as const;
  const clocked = { kind: 'clock', data: { clock: 'response', dueMs: soon } } as const;
  const stopped = { kind: 'clock', data: { clock: null, dueMs: null } } as const;
  const step = (atMs: number) => ({ kind: 'next_step', data: { text: 'Call', atMs } }) as const;
  const lead = async (visitorId: string, events: readonly object[]) => {
    const identity = { email: `${visitorId}@example.com` };
    const { state } = store;
    const said = await identifyLead({ state, reactions: [] }, { site, visitorId, identity, now: clock.now() });
    const leadId = said?.leadId ?? '';
    for (const event of events) {
      const told = { ...event, atMs: clock.now(), actor: 'user:u1' } as NewLeadEvent;
      await state.db
        .transaction()
        .execute((trx) => recordOnLead(trx, { site, leadId, events: [told], nowMs: clock.now(), reactions: [] }));
    }
    return leadId;
  };
  await lead('11', [owned, clocked]);
  await lead('12', [owned, clocked, step(soon - 1)]);
  await lead('13', [owned, clocked, stopped]);
  await lead('14', [clocked]);
  await lead('15', [owned, { kind: 'clock', data: { clock: 'response', dueMs: soon + 60 * day } }]);
  // Her clock was said of the one who is merged into her.
  const leadId = await lead('16', [owned]);
  const from = await lead('17', [clocked]);
  await mergeLeads({ state: store.state, now: clock.now, reactions: [] }, { site, leadId, from, actor: 'user:u1' });

  clock.advance(40 * day);
  const leakingBy = async () => {
    const nowMs = clock.now();
    const week = toWeek(undefined, { timezone: site.timezone, nowMs });
    return (await balance(store.state.db, { siteId: site.id, week, nowMs })).leakingBy;
  };
  const expected = { 'no-owner': 1, 'no-next-step': 1, 'next-step-passed': 1, 'clock-ran-out': 2, stale: 1 };
  expect(await leakingBy()).toEqual(expected);

  const before = ['DROP INDEX lead_spans_open', 'ALTER TABLE lead_spans DROP COLUMN clock_due_ms'];
  for (const statement of before) await sql.raw(statement).execute(store.state.db);
  await sql`CREATE INDEX lead_spans_open ON lead_spans(to_ms)`.execute(store.state.db);
  await sql`DELETE FROM schema_migrations WHERE name IN ('023_span_clock.sql', '024_open_spans.sql')`.execute(
    store.state.db,
  );
  await store.reopen();
  expect(await leakingBy()).toEqual(expected);
});
