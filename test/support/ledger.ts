import type { LeadPatch, NewLead, NewTouch } from '../../collector/contract/leads.ts';
import type { Identity, ServerEvent } from '../../collector/contract/wire.ts';
import { createLead } from '../../collector/leads/create-lead.ts';
import { identifyLead } from '../../collector/leads/identify.ts';
import { readLeadDetail } from '../../collector/leads/lead-detail.ts';
import type { Ledger } from '../../collector/leads/ledger.ts';
import { mergeLeads, unmergeLead } from '../../collector/leads/merge-leads.ts';
import { patchLead } from '../../collector/leads/patch-lead.ts';
import { recordTouch } from '../../collector/leads/record-touch.ts';
import { emptyOutbox } from '../../collector/leads/tell-events.ts';
import { reactToTouches } from '../../collector/leads/touch-reaction.ts';
import { undoEvent } from '../../collector/leads/undo-event.ts';
import { type FakeClock, fakeClock } from './clock.ts';
import { memoryState, type TestState, testState } from './state.ts';

/** The ledger of one site, example.com in Berlin, on a clock that only moves when it is told to. */
export async function testLedger(start = '2026-09-01T10:00:00Z') {
  const clock = fakeClock(start);
  return ledgerOn(await testState(clock.now), clock);
}

/** The same, kept nowhere: for tests that make thousands of changes. */
export async function memoryLedger(start = '2026-09-01T10:00:00Z') {
  const clock = fakeClock(start);
  return ledgerOn(await memoryState(clock.now), clock);
}

function ledgerOn({ state, site }: Pick<TestState, 'state' | 'site'>, clock: FakeClock) {
  const ledger: Ledger = { state, now: clock.now, reactions: [reactToTouches] };
  const actor = 'user:u1';
  return {
    clock,
    state,
    site,
    ledger,
    add: (said: NewLead) => createLead(ledger, { site, said, actor, how: 'api' }),
    identify: (visitorId: string, identity: Identity) =>
      identifyLead(ledger, { site, visitorId, identity, now: clock.now() }),
    patch: (leadId: string, patch: LeadPatch) => patchLead(ledger, { site, leadId, patch, actor }),
    touch: async (leadId: string, touch: NewTouch) =>
      (await recordTouch(ledger, { site, of: { leadId }, touch, actor })).lead,
    merge: (leadId: string, from: string) => mergeLeads(ledger, { site, leadId, from, actor }),
    unmerge: (leadId: string) => unmergeLead(ledger, { site, leadId, actor }),
    undo: (leadId: string, eventId: string) => undoEvent(ledger, { site, leadId, eventId, actor }),
    detail: (leadId: string) => readLeadDetail(ledger, { site, leadId }),
    /** A user who can own leads. */
    addUser: (id: string) =>
      state.db
        .insertInto('users')
        .values({ id, email: `${id}@example.com`, password_hash: '', role: 'editor', created_at: '2026-01-01' })
        .execute(),
    /** What the event store is told. */
    told: async () => {
      const events: ServerEvent[] = [];
      await emptyOutbox(state, async (_, some) => events.push(...some));
      return events;
    },
  };
}
