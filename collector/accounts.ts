import { type ApiKeys, createApiKeys } from './state/api-keys.ts';
import type { State } from './state/database.ts';
import { createLoginSessions, type LoginSessions } from './state/login-sessions.ts';
import { createPasswords } from './state/passwords.ts';
import { createSetupToken, type SetupToken } from './state/setup-token.ts';
import { createUsers, type Users } from './state/users.ts';

/** Who may come in, and how. */
export interface Accounts {
  users: Users;
  sessions: LoginSessions;
  keys: ApiKeys;
  setup: SetupToken;
}

export function openAccounts(state: State, now: () => number): Accounts {
  return {
    users: createUsers(state, { passwords: createPasswords(), now }),
    sessions: createLoginSessions(state, now),
    keys: createApiKeys(state, now),
    setup: createSetupToken(state, now),
  };
}
