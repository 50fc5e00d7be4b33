import type { Kysely } from 'kysely';
import type { Lead, LeadHistoryEntry, LeadName } from '../contract/lead-answers.ts';
import type { LeadEvent, LeadSource, WakeOn } from '../contract/leads.ts';
import type { Channel } from '../contract/names.ts';
import { leakReasonsAt } from '../state/lead-leak.ts';
import type { LeadRow } from '../state/lead-ledger.ts';
import { listOwners } from '../state/owners.ts';
import type { StateSchema } from '../state/schema.ts';

/** What people and keys are called. */
export interface Names {
  /** Users, and owners whom only the routing names. */
  users: ReadonlyMap<string, string>;
  keys: ReadonlyMap<string, string>;
}

export async function readNames(db: Kysely<StateSchema>, siteId: number): Promise<Names> {
  const [users, keys] = await Promise.all([
    listOwners(db, siteId),
    db.selectFrom('api_keys').select(['id', 'name']).execute(),
  ]);
  return {
    users: new Map(users.map(({ id, name }) => [id, name])),
    keys: new Map(keys.map(({ id, name }) => [id, name])),
  };
}

/** A row of `leads` as the API tells it. */
export function toLead(
  row: LeadRow,
  { names, staleMs, nowMs }: { names: Names; staleMs: number; nowMs: number },
): Lead {
  return {
    id: row.id,
    number: row.number,
    name: row.name,
    email: row.email,
    phone: row.phone,
    company: row.company,
    externalId: row.external_id,
    traits: JSON.parse(row.traits) as Lead['traits'],
    stage: row.stage,
    stageSince: isoOf(row.stage_at_ms),
    kind: row.kind,
    lostReason: row.lost_reason,
    value: row.value === 0 ? null : row.value,
    currency: row.value === 0 ? null : row.currency,
    owner: row.owner_id === null ? null : { id: row.owner_id, name: names.users.get(row.owner_id) ?? null },
    ownerSince: maybeIso(row.owner_at_ms),
    acceptedAt: maybeIso(row.accepted_at_ms),
    nextStep: row.next_step === null ? null : { text: row.next_step, at: isoOf(row.next_step_at_ms ?? 0) },
    clock: row.clock === null ? null : { clock: row.clock, dueAt: isoOf(row.clock_due_ms ?? 0) },
    neglectedAt: maybeIso(row.neglected_at_ms),
    nurture:
      row.stage === 'nurture'
        ? {
            reason: row.nurture_reason,
            wakeAt: maybeIso(row.wake_at_ms),
            wakeOn: row.wake_on === null ? null : (JSON.parse(row.wake_on) as WakeOn),
          }
        : null,
    recycleCount: row.recycle_count,
    score: row.score,
    temperature: row.temperature,
    qualified: row.qualified,
    definitionVersion: row.definition_version,
    firstReplyAt: maybeIso(row.first_reply_at_ms),
    reachedAt: maybeIso(row.reached_at_ms),
    lastTouch: lastTouchOf(row),
    touches: row.touch_count,
    activeAt: isoOf(row.active_at_ms),
    first: sourceOf(row.first_channel, row.first_source, row.first_medium, row.first_campaign),
    last: sourceOf(row.last_channel, row.last_source, row.last_medium, row.last_campaign),
    consent: row.consent,
    consentAt: maybeIso(row.consent_at_ms),
    leaking: leakReasonsAt(row, { staleMs, nowMs }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function toLeadName({ id, name, email, phone }: LeadRow): LeadName {
  return { id, name, email, phone };
}

/** An event of the ledger as the API tells it. */
export function toHistoryEntry(event: LeadEvent, names: Names, undone: ReadonlySet<string>): LeadHistoryEntry {
  const { id, atMs, kind, data, actor } = event;
  return { id, at: isoOf(atMs), kind, data, by: actorName(actor, names), undone: undone.has(id) };
}

function actorName(actor: string, { users, keys }: Names): string {
  const [what = '', id = ''] = actor.split(':');
  if (what === 'user') return users.get(id) ?? 'a user who has left';
  if (what === 'key') return keys.get(id) ?? 'a key that was taken back';
  return actor;
}

function lastTouchOf({ last_touch_at_ms: atMs, last_touch_channel: channel, last_touch_kind: kind }: LeadRow) {
  return atMs === null || channel === null || kind === null ? null : { at: isoOf(atMs), channel, kind };
}

function sourceOf(channel: string, source: string, medium: string, campaign: string): LeadSource {
  const said = { channel: channel as Channel, source, medium, campaign };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== ''));
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

function maybeIso(ms: number | null): string | null {
  return ms === null ? null : isoOf(ms);
}
