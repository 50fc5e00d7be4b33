import { type Kysely, type Selectable, sql } from 'kysely';
import { nanoid } from 'nanoid';
import type { LeadEvent, LeadEventData, LeadEventKind } from '../contract/leads.ts';
import { AppError } from '../errors.ts';
import { foldLead } from './lead-fold.ts';
import type { StateSchema } from './schema.ts';

type Db = Kysely<StateSchema>;
export type LeadRow = Selectable<StateSchema['leads']>;

/** An event before it is written. */
export type NewLeadEvent = {
  [Kind in LeadEventKind]: {
    kind: Kind;
    data: LeadEventData[Kind];
    atMs: number;
    actor: string;
    /** What its sender calls it: the same twice in a site is written once. */
    sourceId?: string | undefined;
  };
}[LeadEventKind];

export interface LedgerSettings {
  /** A lead in work of which nothing was heard for so long leaks. */
  staleMs: number;
  nowMs: number;
}

export interface LedgerChange {
  before: LeadRow;
  after: LeadRow;
  /** Those that were new. */
  written: LeadEvent[];
}

/** What the house works out from the rest: such events give it nothing new to look at. */
const workedOut: ReadonlySet<LeadEventKind> = new Set(['judged', 'clock', 'neglected', 'merged', 'unmerged']);

/**
 * Writes events of a lead, folds all events of the person it is part of, and saves the result. `leadId` may be a lead that was merged
 * into another: the events stay its own. Throws `not_found`. Call it inside a transaction.
 */
export async function appendLeadEvents(
  trx: Db,
  {
    siteId,
    leadId,
    events,
    ...settings
  }: { siteId: number; leadId: string; events: readonly NewLeadEvent[] } & LedgerSettings,
): Promise<LedgerChange> {
  const before = await personOf(trx, { siteId, leadId });
  const written: LeadEvent[] = [];
  for (const event of events) {
    const row = await trx
      .insertInto('lead_events')
      .values({
        id: `lev_${nanoid(16)}`,
        site_id: siteId,
        lead_id: leadId,
        at_ms: event.atMs,
        recorded_at_ms: settings.nowMs,
        kind: event.kind,
        data: JSON.stringify(event.data),
        actor: event.actor,
        source_id: event.sourceId ?? null,
      })
      .onConflict((conflict) =>
        conflict.columns(['site_id', 'source_id']).where('source_id', 'is not', null).doNothing(),
      )
      .returningAll()
      .executeTakeFirst();
    if (row) written.push(toLeadEvent(row));
  }
  if (written.length === 0) return { before, after: before, written };
  const isNews = written.some(({ kind }) => !workedOut.has(kind));
  const after = await refoldLead(trx, before, { ...settings, ...(isNews ? { judgeAtMs: settings.nowMs } : {}) });
  return { before, after, written };
}

/** Folds all events of a person again and saves the result. `judgeAtMs`: it is to be looked at by then. */
export async function refoldLead(
  trx: Db,
  person: LeadRow,
  { staleMs, nowMs, judgeAtMs }: LedgerSettings & { judgeAtMs?: number },
): Promise<LeadRow> {
  const { lead, spans } = foldLead(await eventsOfPerson(trx, person.id), { staleMs });
  const after = await trx
    .updateTable('leads')
    .set({
      ...lead,
      created_at: new Date(lead.began_at_ms).toISOString(),
      updated_at: new Date(nowMs).toISOString(),
      ...(judgeAtMs === undefined ? {} : { judge_at_ms: Math.min(judgeAtMs, person.judge_at_ms ?? judgeAtMs) }),
    })
    .where('id', '=', person.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await trx.deleteFrom('lead_spans').where('lead_id', '=', person.id).execute();
  if (spans.length > 0) {
    const rows = spans.map((span) => ({ ...span, site_id: person.site_id, lead_id: person.id }));
    await trx.insertInto('lead_spans').values(rows).execute();
  }
  return after;
}

/** The same for many people, in one question; who has said nothing is left out. */
export async function eventsOfPersons(db: Db, personIds: readonly string[]): Promise<Map<string, LeadEvent[]>> {
  const rows = await db
    .selectFrom('leads')
    .innerJoin('lead_events', 'lead_events.lead_id', 'leads.id')
    .selectAll('lead_events')
    .select('leads.person_id')
    .where('leads.person_id', 'in', personIds)
    .orderBy('lead_events.at_ms')
    .orderBy('lead_events.seq')
    .execute();
  const found = new Map<string, LeadEvent[]>();
  for (const { person_id, ...row } of rows) {
    const events = found.get(person_id);
    if (events) events.push(toLeadEvent(row));
    else found.set(person_id, [toLeadEvent(row)]);
  }
  return found;
}

/** Everything said of a person, by time and then by arrival; also what was said of leads that were merged into it. */
export async function eventsOfPerson(db: Db, personId: string): Promise<LeadEvent[]> {
  const rows = await db
    .selectFrom('lead_events')
    .selectAll()
    .where('lead_id', 'in', db.selectFrom('leads').select('id').where('person_id', '=', personId))
    .orderBy('at_ms')
    .orderBy('seq')
    .execute();
  return rows.map(toLeadEvent);
}

/** The person that a lead is part of: the lead itself, unless it was merged. Throws `not_found`. */
export async function personOf(db: Db, { siteId, leadId }: { siteId: number; leadId: string }): Promise<LeadRow> {
  const row = await db
    .selectFrom('leads as said')
    .innerJoin('leads', 'leads.id', 'said.person_id')
    .selectAll('leads')
    .where('said.id', '=', leadId)
    .where('said.site_id', '=', siteId)
    .executeTakeFirst();
  if (!row) throw new AppError('not_found', { message: 'There is no such lead.' });
  return row;
}

/** A lead of whom nothing is known yet; give it its first event in the same transaction. */
export async function insertLead(trx: Db, { siteId, nowMs }: { siteId: number; nowMs: number }): Promise<LeadRow> {
  const id = `led_${nanoid(16)}`;
  const at = new Date(nowMs).toISOString();
  return trx
    .insertInto('leads')
    .values({
      id,
      site_id: siteId,
      person_id: id,
      number: sql<number>`(SELECT coalesce(max(number), 0) + 1 FROM leads)`,
      email: null,
      phone: null,
      external_id: null,
      name: null,
      company: null,
      traits: '{}',
      created_at: at,
      updated_at: at,
      stage: 'incomplete',
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function toLeadEvent(row: Selectable<StateSchema['lead_events']>): LeadEvent {
  return {
    id: row.id,
    leadId: row.lead_id,
    atMs: row.at_ms,
    seq: row.seq,
    kind: row.kind,
    // Written by appendLeadEvents, whose types pair kind and data.
    data: JSON.parse(row.data) as never,
    actor: row.actor,
  } as LeadEvent;
}
