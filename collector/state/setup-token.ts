import type { State } from './database.ts';
import { newSecretToken, secretTokenHash } from './secret-token.ts';

/** The one-time token of the set-up link: there is no default password that somebody else could try first. */
export interface SetupToken {
  /** A fresh token, which replaces any earlier one; null once there is a user. */
  issue(): Promise<string | null>;
  /** Whether this token may create the first user. It stays good until that user exists. */
  isValid(token: string): Promise<boolean>;
}

export function createSetupToken(state: State, now: () => number): SetupToken {
  const { db } = state;
  return {
    issue: () =>
      db.transaction().execute(async (transaction) => {
        const user = await transaction.selectFrom('users').select('id').limit(1).executeTakeFirst();
        if (user) return null;
        const token = newSecretToken();
        await transaction.deleteFrom('setup_tokens').execute();
        await transaction
          .insertInto('setup_tokens')
          .values({ token_hash: secretTokenHash(token), created_at: new Date(now()).toISOString() })
          .execute();
        return token;
      }),

    async isValid(token) {
      const row = await db
        .selectFrom('setup_tokens')
        .select('token_hash')
        .where('token_hash', '=', secretTokenHash(token))
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}
