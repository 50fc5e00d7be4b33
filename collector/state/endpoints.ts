import { randomBytes } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import { nanoid } from 'nanoid';
import { limits } from '../contract/limits.ts';
import type { WebhookEvent } from '../contract/names.ts';
import {
  type DisabledBy,
  type EndpointKind,
  type EndpointPatch,
  endpoint as endpointSchema,
  hiddenHeaderValue,
  type NewEndpoint,
  type StoredEndpoint,
} from '../contract/webhooks.ts';
import { AppError } from '../errors.ts';
import type { State } from './database.ts';
import { breakerOf, noticeOf } from './endpoint-notice.ts';
import type { StateSchema } from './schema.ts';
import type { SecretBox } from './secret-box.ts';

type Db = Kysely<StateSchema>;
type Store = Pick<State, 'db' | 'box'>;
export type EndpointRow = Selectable<StateSchema['endpoints']>;

/** After a rotation both secrets sign for a day, so that a receiver can change over without losing a message. */
const rotationOverlapMs = 24 * 60 * 60 * 1000;
/** Attempts that the latency of an endpoint is taken from. */
const latencyAttempts = 200;

interface SigningKey {
  secret: string;
  /** Null for the newest one. */
  untilMs: number | null;
}

/** Newest first. The column `secret` holds sealed JSON: SigningKey[]. */
export function signingSecrets(box: SecretBox, row: Pick<EndpointRow, 'secret'>, nowMs: number): string[] {
  return keysOf(box, row)
    .filter(({ untilMs }) => untilMs === null || untilMs > nowMs)
    .map(({ secret }) => secret);
}

/** The endpoint's own headers with their values. */
export function ownHeaders(box: SecretBox, row: Pick<EndpointRow, 'headers'>): Record<string, string> {
  const sealed = JSON.parse(row.headers) as Record<string, string>;
  return Object.fromEntries(Object.entries(sealed).map(([name, value]) => [name, box.open(value)]));
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

/** The row of an endpoint that is not stored yet, so that it can be tested first. Its secret is new. */
export function draftEndpoint(
  box: SecretBox,
  { siteId, endpoint, nowMs, kind = 'webhook' }: NewEndpointOptions,
): { row: EndpointRow; secret: string } {
  const { name, url, events, enabled, template, headers } = endpointSchema.parse(endpoint);
  const secret = newSecret();
  const row: EndpointRow = {
    id: `end_${nanoid(16)}`,
    site_id: siteId,
    name,
    url,
    events: JSON.stringify(events),
    secret: sealKeys(box, [{ secret, untilMs: null }]),
    enabled: enabled ? 1 : 0,
    disabled_reason: enabled ? null : 'Saved switched off.',
    disabled_by: enabled ? null : 'person',
    disabled_at: enabled ? null : new Date(nowMs).toISOString(),
    failing_since: null,
    created_at: new Date(nowMs).toISOString(),
    deleted_at: null,
    kind,
    template,
    headers: sealHeaders(box, headers, {}),
    tested_at: null,
    test_error: null,
    failures: 0,
    paused_until_ms: 0,
    recovering_since_ms: null,
  };
  return { row, secret };
}

interface NewEndpointOptions {
  siteId: number;
  endpoint: NewEndpoint;
  nowMs: number;
  kind?: EndpointKind;
}

/** Throws `limit_reached`. */
export async function refuseTooManyEndpoints(db: Db, siteId: number): Promise<void> {
  const { count } = await db
    .selectFrom('endpoints')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('site_id', '=', siteId)
    .where('kind', '!=', 'mail')
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (count >= limits.endpointsPerSite) {
    throw new AppError('limit_reached', { message: `A site has at most ${limits.endpointsPerSite} endpoints.` });
  }
}

/** The secret is answered here and never again. Throws `limit_reached`. */
export async function createEndpoint(
  { db, box }: Store,
  options: NewEndpointOptions,
): Promise<StoredEndpoint & { secret: string }> {
  await refuseTooManyEndpoints(db, options.siteId);
  const { row, secret } = draftEndpoint(box, options);
  await db.insertInto('endpoints').values(row).execute();
  return { ...(await toStored(db, row, options.nowMs)), secret };
}

/** The row as it would be after a change. Switching one on again forgets its failures. */
export function changedEndpoint(
  box: SecretBox,
  { row, patch, nowMs }: { row: EndpointRow; patch: EndpointPatch; nowMs: number },
): EndpointRow {
  const at = new Date(nowMs).toISOString();
  const isSwitchedOn = patch.enabled === true && row.enabled === 0;
  const isSwitchedOff = patch.enabled === false && row.enabled === 1;
  return {
    ...row,
    name: patch.name ?? row.name,
    url: patch.url ?? row.url,
    events: patch.events === undefined ? row.events : JSON.stringify(patch.events),
    template: patch.template === undefined ? row.template : patch.template,
    headers:
      patch.headers === undefined
        ? row.headers
        : sealHeaders(box, patch.headers, JSON.parse(row.headers) as Record<string, string>),
    ...(isSwitchedOn || patch.url !== undefined
      ? { failing_since: null, failures: 0, paused_until_ms: 0, recovering_since_ms: null }
      : {}),
    ...(isSwitchedOn ? { enabled: 1 as const, disabled_reason: null, disabled_by: null, disabled_at: null } : {}),
    ...(isSwitchedOff
      ? {
          enabled: 0 as const,
          disabled_reason: 'Switched off by a person.',
          disabled_by: 'person' as const,
          disabled_at: at,
        }
      : {}),
  };
}

/** Switching one off takes its waiting messages back. */
export async function patchEndpoint(
  { db, box }: Store,
  { siteId, id, patch, nowMs }: { siteId: number; id: string; patch: EndpointPatch; nowMs: number },
): Promise<StoredEndpoint> {
  return db.transaction().execute(async (trx) => {
    const before = await getEndpoint(trx, siteId, id);
    const after = changedEndpoint(box, { row: before, patch, nowMs });
    await trx.updateTable('endpoints').set(after).where('id', '=', id).execute();
    if (before.enabled === 1 && after.enabled === 0) {
      await disableEndpoint(trx, { id, reason: 'Switched off by a person.', by: 'person', nowMs });
    }
    return toStored(trx, await getEndpoint(trx, siteId, id), nowMs);
  });
}

export async function removeEndpoint(
  db: Db,
  { siteId, id, nowMs }: { siteId: number; id: string; nowMs: number },
): Promise<void> {
  await getEndpoint(db, siteId, id);
  await db.transaction().execute(async (trx) => {
    await disableEndpoint(trx, { id, reason: 'Deleted.', by: 'person', nowMs });
    await trx
      .updateTable('endpoints')
      .set({ deleted_at: new Date(nowMs).toISOString(), secret: '[]', headers: '{}' })
      .where('id', '=', id)
      .execute();
  });
}

/** A new secret, answered once; the one before keeps signing beside it for a day. */
export async function rotateSecret(
  { db, box }: Store,
  { siteId, id, nowMs }: { siteId: number; id: string; nowMs: number },
): Promise<{ secret: string; previousUntil: string }> {
  const row = await getEndpoint(db, siteId, id);
  const untilMs = nowMs + rotationOverlapMs;
  const secret = newSecret();
  const keys: SigningKey[] = [
    { secret, untilMs: null },
    ...keysOf(box, row)
      .filter((key) => key.untilMs === null || key.untilMs > nowMs)
      .map((key) => ({ ...key, untilMs: key.untilMs ?? untilMs })),
    // Two secrets beside the new one are enough for whoever rotates twice by mistake.
  ].slice(0, 3);
  await db
    .updateTable('endpoints')
    .set({ secret: sealKeys(box, keys) })
    .where('id', '=', id)
    .execute();
  return { secret, previousUntil: new Date(untilMs).toISOString() };
}

/** Stops an endpoint and takes back what waits for it. Call it inside a transaction. */
export async function disableEndpoint(
  db: Db,
  { id, reason, by, nowMs }: { id: string; reason: string; by: DisabledBy; nowMs: number },
): Promise<void> {
  await db
    .updateTable('endpoints')
    .set({ enabled: 0, disabled_reason: reason, disabled_by: by, disabled_at: new Date(nowMs).toISOString() })
    .where('id', '=', id)
    .execute();
  await db
    .updateTable('deliveries')
    .set({ state: 'cancelled', state_note: `The endpoint is off: ${reason}` })
    .where('endpoint_id', '=', id)
    .where('state', '=', 'pending')
    .execute();
}

/** What a test of an endpoint said; `error` null where it passed. */
export async function noteTest(
  db: Db,
  { id, at, error }: { id: string; at: string; error: string | null },
): Promise<void> {
  await db.updateTable('endpoints').set({ tested_at: at, test_error: error }).where('id', '=', id).execute();
}

/** Seals what an older version stored as plain text. Once, at the start. */
export async function sealPlainSecrets({ db, box }: Store): Promise<void> {
  const plain = await db.selectFrom('endpoints').select(['id', 'secret']).where('secret', 'like', '[{%').execute();
  for (const { id, secret } of plain) {
    await db
      .updateTable('endpoints')
      .set({ secret: box.seal(secret) })
      .where('id', '=', id)
      .execute();
  }
}

export async function toStored(db: Db, row: EndpointRow, nowMs: number): Promise<StoredEndpoint> {
  const names = Object.keys(JSON.parse(row.headers) as Record<string, string>);
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    url: row.url,
    events: eventsOf(row),
    enabled: row.enabled === 1,
    template: row.template,
    headers: Object.fromEntries(names.map((name) => [name, hiddenHeaderValue])),
    createdAt: row.created_at,
    disabledReason: row.disabled_reason,
    disabledBy: row.disabled_by,
    disabledAt: row.disabled_at,
    notice: noticeOf(row, nowMs),
    breaker: breakerOf(row, nowMs),
    lastTest: row.tested_at === null ? null : { at: row.tested_at, error: row.test_error },
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
  const attempts = await db
    .selectFrom('attempts')
    .select(['status', 'at', 'ms'])
    .where('endpoint_id', '=', endpointId)
    .orderBy('id', 'desc')
    .limit(latencyAttempts)
    .execute();
  const last = attempts[0];
  const recent = attempts
    .filter(({ at }) => at >= since)
    .map(({ ms }) => ms)
    .toSorted((a, b) => a - b);
  const count = (state: string) => counts.find((row) => row.state === state)?.count ?? 0;
  return {
    delivered: count('delivered'),
    failed: count('failed'),
    pending: count('pending'),
    lastStatus: last?.status ?? null,
    lastAt: last?.at ?? null,
    p95Ms: recent[Math.ceil(recent.length * 0.95) - 1] ?? null,
  };
}

function keysOf(box: SecretBox, row: Pick<EndpointRow, 'secret'>): SigningKey[] {
  return JSON.parse(box.open(row.secret)) as SigningKey[];
}

function sealKeys(box: SecretBox, keys: SigningKey[]): string {
  return box.seal(JSON.stringify(keys));
}

/** JSON of name → sealed value; a value that says "as it was" keeps the sealed one. Throws `invalid_request` where there was none. */
function sealHeaders(box: SecretBox, headers: Record<string, string>, before: Record<string, string>): string {
  const sealed = Object.entries(headers).map(([name, value]): [string, string] => {
    if (value !== hiddenHeaderValue) return [name, box.seal(value)];
    const kept = Object.entries(before).find(([known]) => known.toLowerCase() === name.toLowerCase());
    if (!kept) {
      throw new AppError('invalid_request', {
        details: [{ path: `headers.${name}`, message: 'Give this header a value: there is none to keep.' }],
      });
    }
    return [name, kept[1]];
  });
  return JSON.stringify(Object.fromEntries(sealed));
}

function eventsOf(row: Pick<EndpointRow, 'events'>): WebhookEvent[] {
  return JSON.parse(row.events) as WebhookEvent[];
}

/** 32 random bytes: the specification asks for 24 to 64. */
function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}
