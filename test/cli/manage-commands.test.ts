import { readdirSync } from 'node:fs';
import { serve } from '@hono/node-server';
import { expect, onTestFinished, test } from 'vitest';
import { openDataFolder } from '../../collector/data-folder.ts';
import { annasPassword, manageApp } from '../support/manage-app.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { runCommand } from './run-command.ts';

/** A server on a data folder; its management routes listen on a free port. */
async function withServer() {
  const data = tempFolder();
  const folder = openDataFolder(data);
  onTestFinished(() => folder.release());
  const manage = await manageApp({ publicUrl: null, trustProxy: 0 }, folder.localToken);
  const port = await new Promise<number>((resolve) => {
    const server = serve({ fetch: manage.app.fetch, port: 0, hostname: '127.0.0.1' }, (address) =>
      resolve(address.port),
    );
    onTestFinished(() => void server.close());
  });
  folder.announce({ host: '127.0.0.1', port, publicUrl: 'https://stats.example.com' });
  return { ...manage, data };
}

test.each(['with a running server', 'without a server'])(
  'site add: makes a site %s and prints its tag',
  async (how) => {
    const running = how === 'with a running server';
    const data = running ? (await withServer()).data : tempFolder();
    const host = running ? 'https://stats.example.com' : 'http://localhost:8400';

    const added = await runCommand(
      ['site', 'add', 'Shop.example', '--name', 'My shop', '--timezone', 'Europe/Berlin'],
      { data },
    );
    expect(added).toMatchObject({ status: 0, stderr: '' });
    const id = /^Site ([0-9a-z]{10})$/m.exec(added.stdout)?.[1];
    expect(added.stdout).toBe(`Site ${id}\n\n<script defer src="${host}/t/${id}.js"></script>\n`);

    const second = await runCommand('site add blog.example --json', { data });
    const blog = JSON.parse(second.stdout);
    expect(blog).toMatchObject({ domains: ['blog.example'], timezone: 'UTC', tag: expect.stringContaining(blog.id) });

    const list = await runCommand('site list', { data });
    expect(list.stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['ID', 'NAME', 'DOMAINS', 'TIME ZONE', 'FIRST EVENT'],
      [id, 'My shop', 'shop.example', 'Europe/Berlin', 'waiting'],
      [blog.id, 'blog.example', 'blog.example', 'UTC', 'waiting'],
      [''],
    ]);
    const json = JSON.parse((await runCommand('site list --json', { data })).stdout);
    expect(json.map((site: { id: string }) => site.id)).toEqual([id, blog.id]);
  },
);

test.each(['with a running server', 'without a server'])(
  'site delete and restore: %s, the site is gone, listed as deleted, and back',
  async (how) => {
    const data = how === 'with a running server' ? (await withServer()).data : tempFolder();
    const { id } = JSON.parse((await runCommand('site add shop.example --json', { data })).stdout);
    expect((await runCommand('site list --deleted', { data })).stdout).toBe('No site can be restored.\n');
    expect(await runCommand(`site delete ${id}`, { data })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`For 30 days it can be restored, with: telltale site restore ${id}`),
    });
    expect(JSON.parse((await runCommand('site list --json', { data })).stdout)).toEqual([]);
    expect((await runCommand('site list --deleted', { data })).stdout).toMatch(
      new RegExp(`^ID +NAME +DELETED +ERASED FROM\n${id} +shop.example +\\d{4}-\\d\\d-\\d\\d +\\d{4}-\\d\\d-\\d\\d\n$`),
    );

    expect((await runCommand(`site restore ${id}`, { data })).stdout).toBe(`Site ${id} (shop.example) is back.\n`);
    expect(JSON.parse((await runCommand('site list --json', { data })).stdout)).toMatchObject([{ id }]);
    expect(await runCommand(`site restore ${id}`, { data })).toMatchObject({ status: 1, stdout: '' });
    expect(await runCommand('site delete nowhere', { data })).toMatchObject({ status: 1, stdout: '' });
  },
);

test('site add: a new site is offered the default rules, all off', async () => {
  const data = tempFolder();
  await runCommand('site add shop.example', { data });
  const { openState } = await import('../../collector/state/database.ts');
  const state = openState(`${data}/state.db`);
  const rules = await state.db.selectFrom('rules').select('enabled').execute();
  await state.close();
  expect(rules).toEqual([{ enabled: 0 }, { enabled: 0 }, { enabled: 0 }]);
});

test.each(['with a running server', 'without a server'])(
  'a mistake is explained and changes nothing, %s',
  async (how) => {
    const data = how === 'with a running server' ? (await withServer()).data : tempFolder();
    const result = await runCommand('site add shop.example --timezone Europe/Atlantis', { data });
    expect(result).toEqual({
      status: 1,
      stdout: '',
      stderr: 'timezone: This time zone is not known. Write it as Europe/Berlin.\n',
    });
    const wrongSite = await runCommand('key add --scope read --site nowhere', { data });
    expect(wrongSite).toEqual({ status: 1, stdout: '', stderr: 'There is no such site.\n' });
    expect((await runCommand('site list --json', { data })).stdout).toBe('[]\n');
  },
);

test('commands without a server leave no lock behind', async () => {
  const data = tempFolder();
  await runCommand('site add shop.example', { data });
  await runCommand('site add not..a..domain', { data });
  expect(readdirSync(data).filter((name) => !name.startsWith('state.db'))).toEqual([]);
});

test('a command next to a Telltale that is just starting is told so', async () => {
  const data = tempFolder();
  const folder = openDataFolder(data);
  const result = await runCommand('site list', { data });
  expect(result.status).toBe(1);
  expect(result.stderr).toMatch(/^Telltale already runs on .+\n$/);
  folder.release();
});

test('a server that does not answer is named', async () => {
  const data = tempFolder();
  const folder = openDataFolder(data);
  folder.announce({ host: '127.0.0.1', port: 1, publicUrl: 'http://localhost:1' });
  const result = await runCommand('site list', { data });
  expect(result).toMatchObject({ status: 1, stdout: '' });
  expect(result.stderr).toBe(
    `Telltale runs (process ${process.pid}) but does not answer on http://127.0.0.1:1. Try again, or look at its log.\n`,
  );
  folder.release();
});

test('user add: the first is the owner, the next an editor, and the password comes from standard input', async () => {
  const { data, signIn } = await withServer();
  const first = await runCommand('user add Anna@example.com --password-stdin', { data, input: `${annasPassword}\n` });
  expect(first).toEqual({
    status: 0,
    stdout: 'anna@example.com can sign in as owner at https://stats.example.com\n',
    stderr: '',
  });
  expect(await signIn('anna@example.com', annasPassword)).not.toBe('');
  const second = await runCommand('user add ben@example.com --password-stdin --json', { data, input: annasPassword });
  expect(JSON.parse(second.stdout)).toEqual({
    id: expect.any(String),
    email: 'ben@example.com',
    role: 'editor',
    createdAt: '2026-09-01T10:00:00.000Z',
  });
});

test('user add: makes a password where none is given, and it works', async () => {
  const { data, signIn } = await withServer();
  const { stdout, stderr } = await runCommand('user add anna@example.com', { data });
  const password = /^Password: (.{24})$/m.exec(stdout)?.[1] ?? '';
  expect(stderr).toBe('It is shown only now.\n');
  expect(await signIn('anna@example.com', password)).not.toBe('');
});

test('user add: a short password and a taken address are explained', async () => {
  const data = tempFolder();
  const short = await runCommand('user add anna@example.com --password-stdin', { data, input: 'short' });
  expect(short).toMatchObject({ status: 1, stderr: 'password: A password has at least 10 characters.\n' });
  await runCommand('user add anna@example.com', { data });
  const again = await runCommand('user add anna@example.com', { data });
  expect(again).toMatchObject({ status: 1, stderr: 'There is already a user with the address anna@example.com.\n' });
});

test('key add: prints the secret alone on standard output, and it opens the server', async () => {
  const { data, send } = await withServer();
  const { stdout, stderr } = await runCommand('key add --scope read', { data });
  expect(stdout).toMatch(/^tt_read_[\w-]{32}\n$/);
  expect(stderr).toContain('shown only now');
  const headers = { authorization: `Bearer ${stdout.trim()}` };
  expect((await send('GET', '/api/v1/sites', { headers })).status).toBe(200);

  const site = JSON.parse((await runCommand('site add shop.example --json', { data })).stdout);
  const bound = await runCommand(`key add --scope ingest --site ${site.id} --name Import --json`, { data });
  expect(JSON.parse(bound.stdout)).toMatchObject({ name: 'Import', scope: 'ingest', site: site.id, lastUsedAt: null });
});
