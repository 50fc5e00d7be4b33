import type { Kysely } from 'kysely';
import { nanoid } from 'nanoid';
import type { Inbound, InboundPreset } from '../contract/inbound.ts';
import type { StateSchema } from './schema.ts';
import { newSecretToken, secretTokenHash } from './secret-token.ts';

type Db = Kysely<StateSchema>;

export async function listInbound(db: Db, siteId: number): Promise<Inbound[]> {
  const rows = await db
    .selectFrom('inbound_hooks')
    .selectAll()
    .where('site_id', '=', siteId)
    .orderBy('preset')
    .execute();
  return rows.map((row) => ({
    preset: row.preset as InboundPreset,
    createdAt: row.created_at,
    received: row.received,
    lastAt: row.last_at,
    lastProblem: row.last_problem,
  }));
}

/** Makes the address of a preset, or gives it a new secret: the old address stops at once. Answers the secret, which is not stored. */
export async function openInbound(
  db: Db,
  { siteId, preset, nowMs }: { siteId: number; preset: InboundPreset; nowMs: number },
): Promise<string> {
  const secret = newSecretToken();
  const row = {
    id: nanoid(),
    site_id: siteId,
    preset,
    secret_hash: secretTokenHash(secret),
    created_at: new Date(nowMs).toISOString(),
    last_at: null,
    last_problem: null,
  };
  await db
    .insertInto('inbound_hooks')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['site_id', 'preset'])
        .doUpdateSet({ secret_hash: row.secret_hash, created_at: row.created_at, last_problem: null }),
    )
    .execute();
  return secret;
}

export async function closeInbound(db: Db, { siteId, preset }: { siteId: number; preset: string }): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('inbound_hooks')
    .where('site_id', '=', siteId)
    .where('preset', '=', preset)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Whether this is the address of the preset. */
export async function isInbound(
  db: Db,
  { siteId, preset, secret }: { siteId: number; preset: string; secret: string },
): Promise<boolean> {
  const row = await db
    .selectFrom('inbound_hooks')
    .select('id')
    .where('site_id', '=', siteId)
    .where('preset', '=', preset)
    .where('secret_hash', '=', secretTokenHash(secret))
    .executeTakeFirst();
  return row !== undefined;
}

/** Remembers how a message went. `problem`: in a sentence; null: it was understood. */
export async function noteInbound(
  db: Db,
  { siteId, preset, nowMs, problem }: { siteId: number; preset: string; nowMs: number; problem: string | null },
): Promise<void> {
  await db
    .updateTable('inbound_hooks')
    .set((update) => ({
      last_at: new Date(nowMs).toISOString(),
      last_problem: problem,
      ...(problem === null ? { received: update('received', '+', 1) } : {}),
    }))
    .where('site_id', '=', siteId)
    .where('preset', '=', preset)
    .execute();
}
