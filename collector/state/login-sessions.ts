import type { User } from '../contract/manage.ts';
import type { State } from './database.ts';
import { newSecretToken, secretTokenHash } from './secret-token.ts';

/** Signed out after a day without a request, and after a month in any case. */
const idleMs = 24 * 60 * 60 * 1000;
export const absoluteMs = 30 * 24 * 60 * 60 * 1000;
/** Being seen is written at most this often: a dashboard that refreshes itself must not write at every request. */
const seenEveryMs = 60_000;

/** Who is signed in, by an opaque token of which only the hash is stored. */
export interface LoginSessions {
  /** A new token, never one that the browser brought along. */
  begin(userId: string): Promise<string>;
  /** The signed-in user, or null where the token is unknown or too old. Counts as being seen. */
  userOf(token: string): Promise<User | null>;
  end(token: string): Promise<void>;
}

export function createLoginSessions(state: State, now: () => number): LoginSessions {
  const { db } = state;
  return {
    async begin(userId) {
      const at = now();
      await db
        .deleteFrom('login_sessions')
        .where((row) =>
          row.or([row('last_seen_at_ms', '<=', at - idleMs), row('created_at_ms', '<=', at - absoluteMs)]),
        )
        .execute();
      const token = newSecretToken();
      await db
        .insertInto('login_sessions')
        .values({ token_hash: secretTokenHash(token), user_id: userId, created_at_ms: at, last_seen_at_ms: at })
        .execute();
      return token;
    },

    async userOf(token) {
      const at = now();
      const hash = secretTokenHash(token);
      const row = await db
        .selectFrom('login_sessions')
        .innerJoin('users', 'users.id', 'login_sessions.user_id')
        .select(['users.id', 'users.email', 'users.role', 'users.created_at', 'login_sessions.last_seen_at_ms'])
        .where('token_hash', '=', hash)
        .where('last_seen_at_ms', '>', at - idleMs)
        .where('created_at_ms', '>', at - absoluteMs)
        .executeTakeFirst();
      if (!row) return null;
      if (at - row.last_seen_at_ms >= seenEveryMs) {
        await db.updateTable('login_sessions').set({ last_seen_at_ms: at }).where('token_hash', '=', hash).execute();
      }
      return { id: row.id, email: row.email, role: row.role, createdAt: row.created_at };
    },

    async end(token) {
      await db.deleteFrom('login_sessions').where('token_hash', '=', secretTokenHash(token)).execute();
    },
  };
}
