import { expect, test } from 'vitest';
import type { Starters } from '../../collector/cli/context.ts';
import type { Config } from '../../collector/config.ts';
import type { Collector } from '../../collector/open-collector.ts';
import { openState } from '../../collector/state/database.ts';
import { createPasswords } from '../../collector/state/passwords.ts';
import { createSetupToken } from '../../collector/state/setup-token.ts';
import { createUsers } from '../../collector/state/users.ts';
import { runCommand } from './run-command.ts';

/** Stands in for the server: it is ready at once, with a store of its own, and then ends. */
function readyServer() {
  const state = openState(':memory:');
  const now = Date.now;
  const seen: { config?: Config } = {};
  const serve: Starters['serve'] = async (config, options) => {
    seen.config = config;
    await options?.onReady?.({ collector: { state, now } as Collector, url: 'http://localhost:8400' });
  };
  return { state, now, seen, starters: { serve } };
}

test('start: prints the address and, while there is nobody, a link that creates the owner', async () => {
  const { state, now, seen, starters } = readyServer();
  const { status, stdout } = await runCommand('start --port 8500 --host 0.0.0.0', { starters });
  expect(status).toBe(0);
  expect(seen.config).toMatchObject({ port: 8500, host: '0.0.0.0' });
  const token = /^ {2}http:\/\/localhost:8400\/setup\?token=([\w-]{43})$/m.exec(stdout)?.[1] ?? '';
  expect(stdout).toContain('Telltale runs at http://localhost:8400\n');
  expect(await createSetupToken(state, now).isValid(token)).toBe(true);
  await state.close();
});

test('start: with an owner in the settings there is no link, and the next start changes nothing', async () => {
  const { state, now, starters } = readyServer();
  const env = { TELLTALE_ADMIN_EMAIL: 'Anna@example.com', TELLTALE_ADMIN_PASSWORD: 'correct horse battery' };
  const first = await runCommand('start', { starters, env });
  expect(first.stdout).toBe(
    'Telltale runs at http://localhost:8400\nanna@example.com can sign in as owner with TELLTALE_ADMIN_PASSWORD.\n',
  );
  const users = createUsers(state, { passwords: createPasswords(), now });
  expect(await users.withPassword('anna@example.com', 'correct horse battery')).toMatchObject({ role: 'owner' });

  const changed = { ...env, TELLTALE_ADMIN_PASSWORD: 'another password' };
  const second = await runCommand('start', { starters, env: changed });
  expect(second.stdout).toBe('Telltale runs at http://localhost:8400\n');
  expect(await users.withPassword('anna@example.com', 'another password')).toBeNull();
  await state.close();
});

test('start: what keeps the server from starting is one sentence', async () => {
  const serve = () => Promise.reject(new Error('Port 8400 on 127.0.0.1 is in use by another program.'));
  const result = await runCommand('start', { starters: { serve } });
  expect(result).toEqual({ status: 1, stdout: '', stderr: 'Port 8400 on 127.0.0.1 is in use by another program.\n' });
});
