import { randomBytes } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import { nanoid } from 'nanoid';
import { limits } from '../contract/limits.ts';
import type { WebhookEvent } from '../contract/names.ts';
import type { Endpoint, StoredEndpoint } from '../contract/webhooks.ts';
import { AppError } from '../errors.ts';
import type { StateSchema } from './schema.ts';

type Db = Kysely<StateSchema>;
export type EndpointRow = Selectable<StateSchema['endpoints']>;

/** After a rotation both secrets sign for a day, so that a receiver can change over without losing a message. */
const rotationOverlapMs = 24 * 60 * 60 * 1000;

interface SigningKey {
  secret: string;
  /** Null for the newest one. */
  untilMs: number | null;
}

/** Newest first. The column `secret` holds JSON: SigningKey[]. */
export function signingSecrets(row: Pick<EndpointRow, 'secret'>, nowMs: number): string[] {
  return keysOf(row)
    .filter(({ untilMs }) => untilMs === null || untilMs > nowMs)
    .map(({ secret }) => secret);
}

export function subscribesTo(row: Pick<EndpointRow, 'events'>, type: WebhookEvent): boolean {
  const events = eventsOf(row);
  return events.length === 0 || events.includes(type);
}

export async function listEndpoints(db: Db, siteId: number, nowMs: number): Promise<StoredEndpoint[]> {
  const rows = await db
    .selectFrom('endpoints')
    .selectAll()
    .where('site_id', '=', siteId)
    .where('deleted_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return Promise.all(rows.map((row) => toStored(db, row, nowMs)));
}

/** Throws `not_found`. */
export async function getEndpoint(db: Db, siteId: number, id: string): Promise<EndpointRow> {
  const row = await db
    .selectFrom('endpoints')
    .selectAll()
    .where('site_id', '=', siteId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (!row) throw new AppError('not_found');
  return row;
}

/** The secret is answered here and never again. */
export async function createEndpoint(
  db: Db,
  { siteId, endpoint, nowMs }: { siteId: number; endpoint: Endpoint; nowMs: number },
): Promise<StoredEndpoint & { secret: string }> {
  const { count } = await db
    .selectFrom('endpoints')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('site_id', '=', siteId)
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (count >= limits.endpointsPerSite) {
    throw new AppError('limit_reached', { message: `A site has at most ${limits.endpointsPerSite} endpoints.` });
  }
  const secret = newSecret();
  const row = await db
    .insertInto('endpoints')
    .values({
      id: `end_${nanoid(16)}`,
      site_id: siteId,
      name: endpoint.name,
      url: endpoint.url,
      events: JSON.stringify(endpoint.events),
      secret: JSON.stringify([{ secret, untilMs: null } satisfies SigningKey]),
      enabled: endpoint.enabled ? 1 : 0,
      disabled_reason: null,
      failing_since: null,
      created_at: new Date(nowMs).toISOString(),
      deleted_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { ...(await toStored(db, row, nowMs)), secret };
}

export type EndpointPatch = { [Key in keyof Endpoint]?: Endpoint[Key] | undefined };

/** Switching one on again forgets its failures; switching it off takes its waiting messages back. */
export async function patchEndpoint(
  db: Db,
  { siteId, id, patch, nowMs }: { siteId: number; id: string; patch: EndpointPatch; nowMs: number },
): Promise<StoredEndpoint> {
  await getEndpoint(db, siteId, id);
  return db.transaction().execute(async (trx) => {
    await trx
      .updateTable('endpoints')
      .set({
        ...(patch.name === undefined ? {} : { name: patch.name }),
        ...(patch.url === undefined ? {} : { url: patch.url }),
        ...(patch.events === undefined ? {} : { events: JSON.stringify(patch.events) }),
        ...(patch.enabled === true ? { enabled: 1 as const, disabled_reason: null, failing_since: null } : {}),
        id,
      })
      .where('id', '=', id)
      .execute();
    if (patch.enabled === false) await disableEndpoint(trx, id, 'Switched off by a person.');
    return toStored(trx, await getEndpoint(trx, siteId, id), nowMs);
  });
}

export async function removeEndpoint(
  db: Db,
  { siteId, id, nowMs }: { siteId: number; id: string; nowMs: number },
): Promise<void> {
  await getEndpoint(db, siteId, id);
  await db.transaction().execute(async (trx) => {
    await disableEndpoint(trx, id, 'Deleted.');
    await trx
      .updateTable('endpoints')
      .set({ deleted_at: new Date(nowMs).toISOString(), secret: '[]' })
      .where('id', '=', id)
      .execute();
  });
}

/** A new secret, answered once; the one before keeps signing beside it for a day. */
export async function rotateSecret(
  db: Db,
  { siteId, id, nowMs }: { siteId: number; id: string; nowMs: number },
): Promise<{ secret: string; previousUntil: string }> {
  const row = await getEndpoint(db, siteId, id);
  const untilMs = nowMs + rotationOverlapMs;
  const secret = newSecret();
  const keys: SigningKey[] = [
    { secret, untilMs: null },
    ...keysOf(row)
      .filter((key) => key.untilMs === null || key.untilMs > nowMs)
      .map((key) => ({ ...key, untilMs: key.untilMs ?? untilMs })),
    // Two secrets beside the new one are enough for whoever rotates twice by mistake.
  ].slice(0, 3);
  await db
    .updateTable('endpoints')
    .set({ secret: JSON.stringify(keys) })
    .where('id', '=', id)
    .execute();
  return { secret, previousUntil: new Date(untilMs).toISOString() };
}

/** Stops an endpoint and takes back what waits for it. Call it inside a transaction. */
export async function disableEndpoint(db: Db, id: string, reason: string): Promise<void> {
  await db.updateTable('endpoints').set({ enabled: 0, disabled_reason: reason }).where('id', '=', id).execute();
  await db
    .updateTable('deliveries')
    .set({ state: 'cancelled', state_note: `The endpoint is off: ${reason}` })
    .where('endpoint_id', '=', id)
    .where('state', '=', 'pending')
    .execute();
}

export async function toStored(db: Db, row: EndpointRow, nowMs: number): Promise<StoredEndpoint> {
  return {
    id: row.id,
    name: row.name,
    url: row.url,
    events: eventsOf(row),
    enabled: row.enabled === 1,
    createdAt: row.created_at,
    disabledReason: row.disabled_reason,
    health: await healthOf(db, row.id, nowMs),
  };
}

async function healthOf(db: Db, endpointId: string, nowMs: number): Promise<StoredEndpoint['health']> {
  const since = new Date(nowMs - 24 * 60 * 60 * 1000).toISOString();
  const counts = await db
    .selectFrom('deliveries')
    .select((eb) => ['state' as const, eb.fn.countAll<number>().as('count')])
    .where('endpoint_id', '=', endpointId)
    .where((eb) => eb.or([eb('created_at', '>=', since), eb('state', '=', 'pending')]))
    .groupBy('state')
    .execute();
  const last = await db
    .selectFrom('attempts')
    .innerJoin('deliveries', 'deliveries.id', 'attempts.delivery_id')
    .select(['attempts.status', 'attempts.at'])
    .where('deliveries.endpoint_id', '=', endpointId)
    .orderBy('attempts.id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const count = (state: string) => counts.find((row) => row.state === state)?.count ?? 0;
  return {
    delivered: count('delivered'),
    failed: count('failed'),
    pending: count('pending'),
    lastStatus: last?.status ?? null,
    lastAt: last?.at ?? null,
  };
}

function keysOf(row: Pick<EndpointRow, 'secret'>): SigningKey[] {
  return JSON.parse(row.secret) as SigningKey[];
}

function eventsOf(row: Pick<EndpointRow, 'events'>): WebhookEvent[] {
  return JSON.parse(row.events) as WebhookEvent[];
}

/** 32 random bytes: the specification asks for 24 to 64. */
function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}
