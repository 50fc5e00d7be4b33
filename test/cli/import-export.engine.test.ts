import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { expect, inject, onTestFinished, test } from 'vitest';
import { createApp } from '../../collector/app.ts';
import { createClickHouse } from '../../collector/clickhouse/client.ts';
import { param, sql } from '../../collector/clickhouse/sql.ts';
import { parseConfig } from '../../collector/config.ts';
import { createLog } from '../../collector/log.ts';
import { openCollector } from '../../collector/open-collector.ts';
import '../support/global-engine.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { runCommand } from './run-command.ts';

/** A data folder with one site, on a database of its own in the shared engine. */
async function installation() {
  const engine = inject('engine');
  const database = `test_${randomUUID().replaceAll('-', '')}`;
  const data = tempFolder();
  const env = {
    CLICKHOUSE_URL: engine.url,
    CLICKHOUSE_USER: engine.user,
    CLICKHOUSE_PASSWORD: engine.password,
    CLICKHOUSE_DATABASE: database,
    TELLTALE_DATA: data,
    TELLTALE_LOG: 'silent',
  };
  const clickhouse = createClickHouse({ ...engine, database, log: createLog('silent') });
  onTestFinished(async () => {
    await clickhouse.command(`DROP DATABASE IF EXISTS ${database}`, {}, { database: 'default' });
    await clickhouse.close();
  });
  const run = (line: string | string[], input = '') => runCommand(line, { env, input, starters: { openCollector } });
  const added = await run('site add example.com --timezone Europe/Berlin --json');
  const { id } = JSON.parse(added.stdout) as { id: string };
  /** Rows, visitors, sessions and page views of the site with this number. */
  const counts = async (siteNumber: number) => {
    const { rows } = await clickhouse.query<Record<string, string>>(
      sql`SELECT count() AS rows, uniqExact(visitor_id) AS visitors, uniqExact(session_id) AS sessions,
        countIf(name = 'pageview') AS pageviews, sum(value) AS value, sum(engaged_ms) AS engaged,
        uniqExact((source, medium, campaign, channel)) AS origins
        FROM events WHERE site_id = ${param.uint32(siteNumber)}`,
      { name: 'test' },
    );
    return rows[0];
  };
  return { run, id, env, counts };
}

/** Ana comes from a campaign, reads, books; Ben comes back after an hour, which is a second session. */
const history = [
  {
    name: 'pageview',
    at: '2024-03-01T10:00:00Z',
    visitor: 'ana',
    url: 'https://example.com/?utm_source=news&utm_medium=email',
  },
  {
    name: 'engagement',
    at: '2024-03-01T10:00:20Z',
    visitor: 'ana',
    url: 'https://example.com/',
    props: { engaged_ms: 19_000, scroll: 80 },
  },
  {
    name: 'booking_done',
    at: '2024-03-01T10:05:00Z',
    visitor: 'ana',
    url: 'https://example.com/book',
    props: { value: 79.5, currency: 'EUR', room: '=1+1' },
  },
  {
    name: 'pageview',
    at: '2024-03-02T10:00:00Z',
    visitor: 'ben',
    url: 'https://example.com/',
    ref: 'https://www.google.com/',
  },
  { name: 'pageview', at: '2024-03-02T11:00:00Z', visitor: 'ben', url: 'https://example.com/pricing' },
];
const asLines = (events: object[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');

test('import without a server: keeps history, and the same file again adds nothing', async () => {
  const { run, id, counts } = await installation();
  const file = join(tempFolder(), 'events.ndjson');
  const robot = {
    name: 'pageview',
    url: 'https://example.com/',
    userAgent: 'Googlebot/2.1 (+http://www.google.com/bot.html)',
  };
  writeFileSync(file, `${asLines([...history, robot])}no JSON\n`);

  const first = await run(['import', file, '--site', id]);
  expect(first.stdout).toBe('Read 7 lines: kept 5, dropped 2 (bot 1, invalid 1).\n');
  expect(first.stderr).toContain('Line 7: It is not JSON.\n');
  expect(first.status).toBe(0);
  expect(await counts(1)).toMatchObject({ rows: '5', visitors: '2', sessions: '3', pageviews: '3', engaged: '19000' });

  const second = await run(['import', file, '--site', id]);
  expect(second).toMatchObject({
    status: 0,
    stdout: 'Read 7 lines: kept 0, dropped 7 (bot 1, invalid 1, duplicate 5).\n',
  });
  expect(await counts(1)).toMatchObject({ rows: '5' });
});

test('export and import again give the same counts', async () => {
  const { run, id, counts } = await installation();
  await run(`import - --site ${id}`, asLines(history));
  const other = JSON.parse((await run('site add example.com --json')).stdout) as { id: string };

  const exported = await run(`export --site ${id}`);
  expect(exported.stdout.trim().split('\n')).toHaveLength(5);
  expect(await run(`import - --site ${other.id}`, exported.stdout)).toMatchObject({
    status: 0,
    stdout: 'Read 5 lines: kept 5, dropped none.\n',
  });
  expect(await counts(2)).toEqual(await counts(1));
});

test('export: days are those of the site, and the last one is not included', async () => {
  const { run, id } = await installation();
  // 23:30 UTC on 1 March is 0:30 on 2 March in Berlin.
  const late = { name: 'pageview', at: '2024-03-01T23:30:00Z', visitor: 'cem', url: 'https://example.com/late' };
  await run(`import - --site ${id}`, asLines([...history, late]));
  const names = async (line: string) =>
    (await run(line)).stdout
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((text) => (JSON.parse(text) as { at: string }).at);
  expect(await names(`export --site ${id} --from 2024-03-02 --to 2024-03-03`)).toHaveLength(3);
  expect(await names(`export --site ${id} --from 2024-03-03`)).toEqual([]);
  expect(await run(`export --site ${id} --from yesterday`)).toMatchObject({ status: 1, stdout: '' });
});

test('export as CSV: has a header, and no cell that a spreadsheet would run', async () => {
  const { run, id } = await installation();
  await run(`import - --site ${id}`, asLines([{ ...history[0], title: '=HYPERLINK("https://evil.example")' }]));
  const { stdout } = await run(`export --site ${id} --format csv`);
  const [header, row] = stdout.split('\n');
  expect(header).toBe('id,at,name,visitor,session,url,ref,title,channel,country,device,browser,os,props');
  expect(row).toContain(`"'=HYPERLINK(`);
});

test('import and export through a running server need no second hold of the folder', async () => {
  const { run, id, env, counts } = await installation();
  const config = parseConfig(env);
  const collector = await openCollector(config);
  onTestFinished(() => collector.close({ drainMs: 1_000 }));
  const port = await new Promise<number>((resolve) => {
    const server = serve({ fetch: createApp(collector).fetch, port: 0, hostname: '127.0.0.1' }, (address) =>
      resolve(address.port),
    );
    onTestFinished(() => void server.close());
  });
  collector.folder.announce({ host: '127.0.0.1', port, publicUrl: `http://127.0.0.1:${port}` });

  expect(await run(`import - --site ${id}`, asLines(history))).toMatchObject({
    status: 0,
    stdout: 'Read 5 lines: kept 5, dropped none.\n',
  });
  await collector.spool.flush();
  expect(await counts(1)).toMatchObject({ rows: '5', visitors: '2', sessions: '3' });
  expect((await run(`export --site ${id}`)).stdout.trim().split('\n')).toHaveLength(5);
  expect((await run(`import - --site nowhere`, asLines(history))).stderr).toContain('There is no site "nowhere"');
});

test('import: fails where nothing could be kept, and refuses formats it does not know', async () => {
  const { run, id } = await installation();
  expect(await run(`import - --site ${id}`, 'nothing\n')).toMatchObject({ status: 1 });
  expect((await run(`import - --site ${id}`, 'nothing\n')).stderr).toContain('Nothing could be kept.');
  expect((await run('import /nowhere.ndjson --site x')).stderr).toContain('There is no file /nowhere.ndjson.');
  const other = await run(`import - --site ${id} --format xml`);
  expect(other.status).toBe(2);
  expect(await run(`import - --site ${id} --dry-run`, asLines(history))).toMatchObject({
    status: 0,
    stdout: 'Read 5 lines: 5 would be kept, dropped none. Nothing was added.\n',
  });
});
