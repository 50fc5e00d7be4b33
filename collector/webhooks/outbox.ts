import { type Kysely, sql } from 'kysely';
import { nanoid } from 'nanoid';
import { limits } from '../contract/limits.ts';
import type { DeliveryState, WebhookEvent } from '../contract/names.ts';
import type { WebhookMessage } from '../contract/webhooks.ts';
import { AppError } from '../errors.ts';
import { hash64 } from '../hash.ts';
import type { DeliveryRow } from '../state/deliveries.ts';
import { subscribesTo } from '../state/endpoints.ts';
import type { StateSchema } from '../state/schema.ts';
import { endpointsInUse } from '../state/usable-endpoints.ts';

type Db = Kysely<StateSchema>;

export interface OutgoingMessage {
  siteId: number;
  endpointId: string;
  caseId?: string;
  /** Which message of its rule this is, from 1. */
  followUp?: number;
  message: WebhookMessage<unknown>;
  /** Not before this moment. */
  nextAtMs: number;
  /** What makes this message one message: the same parts a second time add nothing. */
  once: readonly string[];
  nowMs: number;
}

/**
 * Puts a message where the dispatcher finds it, in the caller's transaction, so that it exists exactly if the change does that it
 * tells of. The body is fixed here: every attempt signs and sends the same bytes. False where the message was there already.
 */
export async function addToOutbox(db: Db, outgoing: OutgoingMessage): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('deliveries')
    .values({
      // The id is part of the signed text, whose parts are joined by dots: it must not hold one.
      id: `msg_${nanoid(21)}`,
      dedup_key: hash64(outgoing.message.type, outgoing.endpointId, ...outgoing.once),
      site_id: outgoing.siteId,
      endpoint_id: outgoing.endpointId,
      case_id: outgoing.caseId ?? null,
      follow_up: outgoing.followUp ?? 0,
      type: outgoing.message.type,
      body: JSON.stringify(outgoing.message),
      state: 'pending',
      state_note: null,
      next_at_ms: outgoing.nextAtMs,
      created_at: new Date(outgoing.nowMs).toISOString(),
      delivered_at: null,
      sent_body: null,
    })
    .onConflict((conflict) => conflict.column('dedup_key').doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** Sends a message to every endpoint of the site that has named its type. Answers how many. */
export async function announce(
  db: Db,
  { siteId, message, once, nowMs }: Pick<OutgoingMessage, 'siteId' | 'message' | 'once' | 'nowMs'>,
): Promise<number> {
  const endpoints = await db
    .selectFrom('endpoints')
    .select(['id', 'events'])
    .where('site_id', '=', siteId)
    .where('enabled', '=', 1)
    .where('deleted_at', 'is', null)
    .execute();
  // An empty list means "all that are addressed to it", and nobody has addressed this one.
  const named = endpoints.filter((row) => row.events !== '[]' && subscribesTo(row, message.type));
  for (const { id } of named) {
    await addToOutbox(db, { siteId, endpointId: id, message, once, nextAtMs: nowMs, nowMs });
  }
  return named.length;
}

/** Whether anybody has named a type, so that it is worth working out what there is to tell. */
export async function isHeard(db: Db, { siteId, type }: { siteId: number; type: WebhookEvent }): Promise<boolean> {
  const rows = await db
    .selectFrom('endpoints')
    .select('events')
    .where('site_id', '=', siteId)
    .where('enabled', '=', 1)
    .where('deleted_at', 'is', null)
    .execute();
  return rows.some((row) => row.events !== '[]' && subscribesTo(row, type));
}

/** Sends a message to the no-code tools that have subscribed to its type, besides those it is addressed to. */
export async function announceToHooks(
  db: Db,
  { siteId, message, ...more }: Pick<OutgoingMessage, 'siteId' | 'caseId' | 'message' | 'once' | 'nowMs'>,
): Promise<void> {
  const hooks = await db
    .selectFrom('endpoints')
    .select(['id', 'events'])
    .where('site_id', '=', siteId)
    .where('kind', '=', 'hook')
    .where('enabled', '=', 1)
    .where('deleted_at', 'is', null)
    .execute();
  for (const hook of hooks) {
    if (!subscribesTo(hook, message.type)) continue;
    await addToOutbox(db, { ...more, siteId, message, endpointId: hook.id, nextAtMs: more.nowMs });
  }
}

/** `state_note` of a message from just before an attempt until its result is stored: whoever finds it there knows no more. */
const beingSent = 'Being sent.';

/**
 * Marks a message as on its way, with the body that this attempt and every retry sends. False where it was taken back meanwhile: then
 * it must not be sent.
 */
export async function markBeingSent(
  db: Db,
  { id, sentBody }: { id: string; sentBody: string | null },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    .set({ state_note: beingSent, sent_body: sentBody })
    .where('id', '=', id)
    .where('state', '=', 'pending')
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/**
 * Takes the messages of a case back that nobody has got yet. Answers the endpoints that have, or may have, got one: a message that
 * was tried may have arrived although its answer was lost.
 */
export async function recallMessages(db: Db, { caseId, note }: { caseId: string; note: string }): Promise<Set<string>> {
  const rows = await db
    .selectFrom('deliveries')
    .select((eb) => [
      'endpoint_id',
      'state',
      'state_note',
      // Not `attempt_count`, which begins again when a person sends a message again.
      eb
        .exists(eb.selectFrom('attempts').select('attempts.id').whereRef('attempts.delivery_id', '=', 'deliveries.id'))
        .as('is_tried'),
    ])
    .where('case_id', '=', caseId)
    .where('type', '=', 'abandonment.created')
    .execute();
  await db
    .updateTable('deliveries')
    .set({ state: 'cancelled', state_note: note })
    .where('case_id', '=', caseId)
    .where('type', '=', 'abandonment.created')
    .where('state', '=', 'pending')
    .execute();
  const mayHaveArrived = rows.filter(
    (row) => row.state === 'delivered' || Boolean(row.is_tried) || row.state_note === beingSent,
  );
  return new Set(mayHaveArrived.map((row) => row.endpoint_id));
}

/** Endpoints that have a message due and may be asked, those that have waited longest first. */
export async function findDueEndpoints(db: Db, nowMs: number): Promise<DueEndpoint[]> {
  const first = sql<number | null>`(
    select min(d.next_at_ms) from deliveries d where d.endpoint_id = endpoints.id and d.state = 'pending'
  )`;
  const { rows } = await sql<DueEndpoint & { first: number }>`
    select id, failures > 0 as isFailing, first from (
      select id, failures, ${first} as first from endpoints
      where id in ${endpointsInUse(db).select('endpoints.id')} and paused_until_ms <= ${nowMs}
    ) where first <= ${nowMs} order by first, id`.execute(db);
  return rows.map(({ id, isFailing }) => ({ id, isFailing: Boolean(isFailing) }));
}

export interface DueEndpoint {
  id: string;
  /** Its last attempt failed. */
  isFailing: boolean;
}

/** Due messages to endpoints that are off or of a deleted site, taken back. They are none of the receiver's business any more. Answers how many. */
export async function cancelUnreachable(db: Db, nowMs: number): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    .set({ state: 'cancelled', state_note: 'The endpoint is off.' })
    .where('state', '=', 'pending')
    .where('next_at_ms', '<=', nowMs)
    .where('endpoint_id', 'in', (off) =>
      off.selectFrom('endpoints').select('id').where('id', 'not in', endpointsInUse(db).select('endpoints.id')),
    )
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

/**
 * Reserves due messages of one endpoint for this process until `leaseUntilMs`, oldest first; none where another process sends to it.
 * Whoever dies in between leaves a lease that runs out, and the message is sent again with the same id.
 */
export async function claimDue(
  db: Db,
  options: { endpointId: string; nowMs: number; leaseUntilMs: number; limit: number },
): Promise<DeliveryRow[]> {
  const { endpointId, nowMs, leaseUntilMs, limit } = options;
  const rows = await db
    .updateTable('deliveries')
    .set({ lease_until_ms: leaseUntilMs })
    .where('id', 'in', (due) =>
      due
        .selectFrom('deliveries as due')
        .select('due.id')
        .where('due.endpoint_id', '=', endpointId)
        .where('due.state', '=', 'pending')
        .where('due.next_at_ms', '<=', nowMs)
        .where('due.lease_until_ms', '<', nowMs)
        .orderBy('due.next_at_ms')
        .orderBy('due.created_at')
        .orderBy('due.id')
        .limit(limit),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('deliveries as other')
            .select('other.id')
            .where('other.endpoint_id', '=', endpointId)
            .where('other.state', '=', 'pending')
            .where('other.lease_until_ms', '>', 0)
            .where('other.lease_until_ms', '>=', nowMs),
        ),
      ),
    )
    .returningAll()
    .execute();
  const order = (row: DeliveryRow) => `${String(row.next_at_ms).padStart(16, '0')} ${row.created_at} ${row.id}`;
  return rows.toSorted((one, other) => (order(one) < order(other) ? -1 : 1));
}

/** Gives reserved messages back that were not sent. */
export async function releaseClaims(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db
    .updateTable('deliveries')
    .set({ lease_until_ms: 0 })
    .where('id', 'in', ids)
    .where('state', '=', 'pending')
    .execute();
}

/** A message that may be sent once more: nobody sends it at this moment, and its endpoint can be asked. */
const resend = (nowMs: number) => ({
  state: 'pending' as const,
  state_note: 'Sent again by a person.',
  attempt_count: 0,
  next_at_ms: nowMs,
  lease_until_ms: 0,
  // With the template of today: repairing it is why most messages are sent again.
  sent_body: null,
});

/**
 * Sends a message once more from the start of the schedule, with the same id, so that a receiver that has it can tell. Throws
 * `not_found`, and `conflict` where it is being sent or its endpoint is off.
 */
export async function replayDelivery(
  db: Db,
  { siteId, id, nowMs }: { siteId: number; id: string; nowMs: number },
): Promise<void> {
  const row = await db
    .selectFrom('deliveries')
    .innerJoin('endpoints', 'endpoints.id', 'deliveries.endpoint_id')
    .select(['endpoints.enabled', 'endpoints.deleted_at'])
    .where('deliveries.site_id', '=', siteId)
    .where('deliveries.id', '=', id)
    .executeTakeFirst();
  if (!row) throw new AppError('not_found');
  if (row.deleted_at !== null) throw new AppError('conflict', { message: 'The endpoint of this message is deleted.' });
  if (row.enabled === 0) {
    throw new AppError('conflict', { message: 'The endpoint of this message is off. Switch it on first.' });
  }
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    .set(resend(nowMs))
    .where('site_id', '=', siteId)
    .where('id', '=', id)
    .where('lease_until_ms', '<', nowMs)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows > 0n) return;
  throw new AppError('conflict', { message: 'This message is being sent at this moment. Try again in a minute.' });
}

/**
 * The same for all messages of an endpoint that were made within [fromMs, toMs) and are in that state. Tests are left out: they are
 * about that moment. Answers how many.
 */
export async function replayRange(
  db: Db,
  options: {
    endpointId: string;
    fromMs: number;
    toMs: number;
    state: Exclude<DeliveryState, 'pending'>;
    nowMs: number;
  },
): Promise<number> {
  const { endpointId, fromMs, toMs, state, nowMs } = options;
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    .set(resend(nowMs))
    .where('endpoint_id', '=', endpointId)
    .where('created_at', '>=', new Date(fromMs).toISOString())
    .where('created_at', '<', new Date(toMs).toISOString())
    .where('state', '=', state)
    .where('type', '!=', 'webhook.test')
    .where('lease_until_ms', '<', nowMs)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

/** Whether the message breaks the size that Standard Webhooks asks for. */
export function isTooLarge(message: WebhookMessage<unknown>): boolean {
  return Buffer.byteLength(JSON.stringify(message)) >= limits.webhookBytes;
}
