import { sql } from 'kysely';
import { nanoid } from 'nanoid';
import type { KeyScope } from '../contract/names.ts';
import { AppError } from '../errors.ts';
import type { State } from './database.ts';
import { secretTokenHash } from './secret-token.ts';

export interface ApiKeyRecord {
  id: string;
  name: string;
  scope: KeyScope;
  /** The one site it is good for; null: all of them. */
  siteId: number | null;
  prefix: string;
  createdAt: string;
  lastUsedAt: string | null;
}

export interface ApiKeys {
  list(): Promise<ApiKeyRecord[]>;
  /** `secret` is shown now and never again: only its hash is stored. */
  create(input: {
    name: string;
    scope: KeyScope;
    siteId: number | null;
  }): Promise<{ key: ApiKeyRecord; secret: string }>;
  /** The key with this secret, or null. Counts as used. */
  bySecret(secret: string): Promise<ApiKeyRecord | null>;
  /** Throws `not_found`. */
  remove(id: string): Promise<void>;
}

/** Random characters of a secret: 32 of 64 letters are 192 bits. */
const secretLength = 32;
/** Characters of the random part that stay readable, to tell keys apart. */
const shownCharacters = 4;
/** Being used is written at most this often: an import sends many requests a second. */
const usedEveryMs = 60_000;

export function createApiKeys(state: State, now: () => number): ApiKeys {
  const { db } = state;
  return {
    async list() {
      const rows = await db.selectFrom('api_keys').selectAll().orderBy('created_at').orderBy(sql`rowid`).execute();
      return rows.map(toRecord);
    },

    async create({ name, scope, siteId }) {
      const start = `tt_${scope}_`;
      const secret = `${start}${nanoid(secretLength)}`;
      const row = {
        id: nanoid(),
        name,
        scope,
        site_id: siteId,
        prefix: secret.slice(0, start.length + shownCharacters),
        secret_hash: secretTokenHash(secret),
        created_at: new Date(now()).toISOString(),
        last_used_at: null,
      };
      await db.insertInto('api_keys').values(row).execute();
      return { key: toRecord(row), secret };
    },

    async bySecret(secret) {
      const row = await db
        .selectFrom('api_keys')
        .selectAll()
        .where('secret_hash', '=', secretTokenHash(secret))
        .executeTakeFirst();
      if (!row) return null;
      const at = now();
      if (row.last_used_at === null || at - Date.parse(row.last_used_at) >= usedEveryMs) {
        const last_used_at = new Date(at).toISOString();
        await db.updateTable('api_keys').set({ last_used_at }).where('id', '=', row.id).execute();
      }
      return toRecord(row);
    },

    async remove(id) {
      const result = await db.deleteFrom('api_keys').where('id', '=', id).executeTakeFirst();
      if (result.numDeletedRows === 0n) throw new AppError('not_found');
    },
  };
}

function toRecord(row: {
  id: string;
  name: string;
  scope: KeyScope;
  site_id: number | null;
  prefix: string;
  created_at: string;
  last_used_at: string | null;
}): ApiKeyRecord {
  return {
    id: row.id,
    name: row.name,
    scope: row.scope,
    siteId: row.site_id,
    prefix: row.prefix,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}
