import type { Config } from '../config.ts';
import type { State } from '../state/database.ts';
import { createPasswords } from '../state/passwords.ts';
import { createSetupToken } from '../state/setup-token.ts';
import { createUsers } from '../state/users.ts';

/** How the first person gets in: there is a user already, the owner of the settings was just created, or the link creates one. */
export type FirstUser = { kind: 'exists' } | { kind: 'created'; email: string } | { kind: 'link'; path: string };

/** Makes sure that somebody can sign in. The link of an earlier start is no longer good afterwards. */
export async function prepareFirstUser(options: {
  state: State;
  admin: Config['admin'];
  now: () => number;
}): Promise<FirstUser> {
  const { state, admin, now } = options;
  if (admin) {
    const created = await createUsers(state, { passwords: createPasswords(), now }).createFirst(admin);
    return created ? { kind: 'created', email: created.email } : { kind: 'exists' };
  }
  const token = await createSetupToken(state, now).issue();
  return token === null ? { kind: 'exists' } : { kind: 'link', path: `/setup?token=${token}` };
}
