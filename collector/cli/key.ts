import { defineCommand } from 'citty';
import type { NewApiKey } from '../contract/manage.ts';
import { keyScopes } from '../contract/names.ts';
import { dataArgument, jsonArgument } from './arguments.ts';
import type { CliContext } from './context.ts';
import { withManagement } from './management.ts';

export function keyCommand(context: CliContext) {
  const { stdout, stderr } = context.io;

  const add = defineCommand({
    meta: { name: 'telltale key add', description: 'Add an API key and print its secret, once.' },
    args: {
      scope: {
        type: 'enum',
        options: [...keyScopes],
        required: true,
        description: 'ingest sends events, read asks questions, admin does everything',
      },
      site: { type: 'string', valueHint: 'id', description: 'Good for this site only' },
      name: { type: 'string', description: 'Shown name' },
      ...dataArgument,
      ...jsonArgument,
    },
    async run({ args: { scope, site, name, data, json } }) {
      await withManagement(context, { data }, async ({ call }) => {
        const key = await call<NewApiKey>('POST', '/keys', { scope, site, name });
        if (json) stdout.write(`${JSON.stringify(key)}\n`);
        else {
          stdout.write(`${key.secret}\n`);
          stderr.write('This secret is shown only now. Send it as "Authorization: Bearer SECRET".\n');
        }
      });
    },
  });

  return defineCommand({ meta: { name: 'telltale key', description: 'Add API keys.' }, subCommands: { add } });
}
