import { expect, test } from 'vitest';
import { tempFolder } from '../support/temp-folder.ts';
import { runCommand } from './run-command.ts';

test.each([
  ['nothing', [], 'Name a command.'],
  ['an unknown command', ['stop'], 'Unknown command "stop".'],
  ['an unknown command below another', ['site', 'remove'], 'Unknown command "remove".'],
  ['a word that only exists inside objects', ['constructor'], 'Unknown command "constructor".'],
  ['an unknown flag before the command', ['--verbose', 'start'], "Unknown option '--verbose'."],
  ['an unknown flag', ['site', 'add', 'shop.example', '--domian', 'x'], "Unknown option '--domian'."],
  ['a flag without its value', ['site', 'add', 'shop.example', '--name'], "Option '--name <value>' argument missing."],
  ['a missing argument', ['site', 'add'], 'Missing required positional argument: DOMAIN'],
  ['a missing flag', ['key', 'add'], 'Missing required argument: --scope'],
  ['an argument too many', ['site', 'add', 'a.example', 'b.example'], '"b.example" is one argument too many.'],
  ['a value outside the list', ['key', 'add', '--scope', 'all'], 'Invalid value for argument: --scope (all).'],
])('usage: %s is wrong usage, with help and without touching anything', async (_, words, message) => {
  const data = `${tempFolder()}/untouched`;
  const { status, stdout, stderr } = await runCommand(words, { data });
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
  expect(stderr).toContain('USAGE');
  expect(stderr.includes('\u001b')).toBe(false);
});

test('usage: help of every command goes to standard output', async () => {
  const root = await runCommand('--help');
  expect(root).toMatchObject({ status: 0, stderr: '' });
  for (const name of ['start', 'site', 'user', 'key', 'spool', 'doctor']) expect(root.stdout).toContain(`  ${name}  `);
  expect((await runCommand('site --help')).stdout).toContain('telltale site add|list');
  expect((await runCommand('site add -h')).stdout).toContain('<DOMAIN>');
  expect((await runCommand('start --help')).stdout).toContain('TELLTALE_TRUST_PROXY');
});

test('usage: the version is that of the package', async () => {
  expect(await runCommand('--version')).toEqual({ status: 0, stdout: '0.1.0\n', stderr: '' });
});

test('usage: a bad flag is wrong usage, a bad variable a failure, and both are listed', async () => {
  const env = { TELLTALE_LOG: 'loud' };
  const variable = await runCommand('start', { env });
  expect(variable.status).toBe(1);
  expect(variable.stderr).toMatch(
    /^Telltale cannot start with these settings:\n {2}TELLTALE_LOG: "loud" is not a log level\./,
  );
  const both = await runCommand('start --port eighty', { env });
  expect(both.status).toBe(2);
  expect(both.stderr).toContain('  --port: "eighty" is not a port.');
  expect(both.stderr).toContain('  TELLTALE_LOG: ');
});
