import { text } from 'node:stream/consumers';
import { defineCommand } from 'citty';
import { nanoid } from 'nanoid';
import type { List } from '../contract/answers.ts';
import type { User } from '../contract/manage.ts';
import { userRoles } from '../contract/names.ts';
import { dataArgument, jsonArgument } from './arguments.ts';
import type { CliContext } from './context.ts';
import { withManagement } from './management.ts';

/** Characters of a password made here: 24 of 64 letters are 144 bits. */
const passwordLength = 24;

export function userCommand(context: CliContext) {
  const { stdin, stdout, stderr } = context.io;

  const add = defineCommand({
    meta: { name: 'telltale user add', description: 'Add a person who can sign in.' },
    args: {
      email: { type: 'positional', description: 'E-mail address', required: true },
      role: {
        type: 'enum',
        options: [...userRoles],
        description: 'owner, editor or viewer; the first user is the owner, the next ones are editors',
      },
      'password-stdin': { type: 'boolean', description: 'Read the password from standard input, else one is made' },
      ...dataArgument,
      ...jsonArgument,
    },
    async run({ args }) {
      const { email, role, data, json } = args;
      // A password as an argument would be seen by every process of the machine, and kept in the shell's history.
      const given = args['password-stdin'] ? (await text(stdin)).replace(/\r?\n$/, '') : null;
      const password = given ?? nanoid(passwordLength);
      await withManagement(context, { data }, async ({ call, url }) => {
        const { total } = await call<List<User>>('GET', '/users');
        const usualRole = total === 0 ? 'owner' : 'editor';
        const user = await call<User>('POST', '/users', { email, role: role ?? usualRole, password });
        if (json) stdout.write(`${JSON.stringify(given === null ? { ...user, password } : user)}\n`);
        else {
          stdout.write(`${user.email} can sign in as ${user.role} at ${url}\n`);
          if (given === null) {
            stdout.write(`Password: ${password}\n`);
            stderr.write('It is shown only now.\n');
          }
        }
      });
    },
  });

  return defineCommand({
    meta: { name: 'telltale user', description: 'Add people who can sign in.' },
    subCommands: { add },
  });
}
