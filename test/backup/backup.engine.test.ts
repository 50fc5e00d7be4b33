import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { expect, inject, onTestFinished, test } from 'vitest';
import { createApp } from '../../collector/app.ts';
import { sql } from '../../collector/clickhouse/sql.ts';
import { parseConfig } from '../../collector/config.ts';
import { type Collector, openCollector } from '../../collector/open-collector.ts';
import { runCommand } from '../cli/run-command.ts';
import '../support/global-engine.ts';
import { persistentVisitor } from '../../collector/ingest/visitor-id.ts';
import { createEndpoint, getEndpoint, signingSecrets } from '../../collector/state/endpoints.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** A data folder with a database of its own in the shared engine. */
function place() {
  const engine = inject('engine');
  const database = `test_${randomUUID().replaceAll('-', '')}`;
  const env = {
    CLICKHOUSE_URL: engine.url,
    CLICKHOUSE_USER: engine.user,
    CLICKHOUSE_PASSWORD: engine.password,
    CLICKHOUSE_DATABASE: database,
    TELLTALE_DATA: tempFolder(),
    TELLTALE_LOG: 'silent',
  };
  return {
    env,
    data: env.TELLTALE_DATA,
    run: (line: string) => runCommand(line, { env, starters: { openCollector } }),
    async open() {
      const collector = await openCollector(parseConfig(env));
      onTestFinished(() => collector.close({ drainMs: 0 }));
      return collector;
    },
  };
}

/** `count` orders, each of its own visitor but for Ana, who has every hundredth. */
const orders = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `order-${from + index}`,
    name: 'order',
    visitor: index % 100 === 0 ? 'ana' : `v${from + index}`,
    url: 'https://example.com/cart',
    props: { order: `${from + index}` },
  }));

async function siteOf(collector: Collector) {
  return collector.sites.list()[0] ?? collector.sites.create({ domain: 'example.com', timezone: 'UTC' });
}

async function send(collector: Collector, from: number, count: number) {
  const site = await siteOf(collector);
  for (let start = 0; start < count; start += 1_000) {
    await collector.ingest.server(site, orders(from + start, Math.min(1_000, count - start)));
  }
}

/** What is stored: rows, different orders, visitors, and what the sessions of them add up to. */
async function counts(collector: Collector) {
  await collector.spool.flush();
  const { rows } = await collector.clickhouse.query<Record<string, string>>(
    sql`SELECT count() AS events, uniqExact(props['order']) AS orders, uniqExact(visitor_id) AS visitors,
      (SELECT sum(events) FROM sessions) AS of_sessions, (SELECT uniqExact(session_id) FROM sessions) AS sessions FROM events`,
    { name: 'test' },
  );
  return rows[0];
}

async function countOf(collector: Collector, visitor: string) {
  const site = await siteOf(collector);
  await collector.spool.flush();
  const { rows } = await collector.clickhouse.query<{ visitor_id: string }>(
    sql`SELECT visitor_id FROM events UNION ALL SELECT visitor_id FROM sessions UNION ALL SELECT visitor_id FROM intents`,
    { name: 'test' },
  );
  return rows.filter(({ visitor_id }) => visitor_id === persistentVisitor(site.id, visitor).id).length;
}

async function listening(collector: Collector) {
  const port = await new Promise<number>((resolve) => {
    const server = serve({ fetch: createApp(collector).fetch, port: 0, hostname: '127.0.0.1' }, (address) =>
      resolve(address.port),
    );
    onTestFinished(() => void server.close());
  });
  const address = { host: '127.0.0.1', port, publicUrl: `http://127.0.0.1:${port}` };
  collector.folder.announce(address);
  return address.publicUrl;
}

test('a backup without a server, restored into an empty folder, has the same counts, settings and keys', async () => {
  const [first, second] = [place(), place()];
  const backup = join(tempFolder(), 'backup');
  const before = await first.open();
  await send(before, 0, 5_000);
  const endpoint = { name: 'Automation', url: 'https://example.com/hook' };
  const { id, secret } = await createEndpoint(before.state, { siteId: 1, endpoint, nowMs: Date.now() });
  const expected = await counts(before);
  await before.close({ drainMs: 0 });

  expect(await first.run(`backup ${backup}`)).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('5000 events'),
  });
  expect(readdirSync(backup).sort()).toEqual(
    expect.arrayContaining([
      'events.native.lz4',
      'intents.native.lz4',
      'manifest.json',
      'secret.key',
      'seen',
      'spool',
      'state.db',
    ]),
  );
  expect(await first.run(`backup ${backup}`)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('not empty'),
  });

  expect(await second.run(`restore ${backup}`)).toMatchObject({ status: 0, stderr: '' });
  const after = await second.open();
  expect(await counts(after)).toEqual(expected);
  expect(expected).toMatchObject({ events: '5000', orders: '5000', of_sessions: '5000' });
  expect(after.sites.list()).toEqual(before.sites.list());
  const endpointThere = await getEndpoint(after.state.db, 1, id);
  expect(signingSecrets(after.state.box, endpointThere, Date.now())).toEqual([secret]);
  // A sender that repeats what the lost server had taken is still recognised.
  await send(after, 4_000, 1_000);
  expect(await counts(after)).toEqual(expected);
  expect((await second.run(`restore ${backup}`)).status).toBe(1);
});

test('a backup while the server takes events has each of them once, whether it had arrived or was on its way', async () => {
  const [first, second] = [place(), place()];
  const backup = join(tempFolder(), 'backup');
  const running = await first.open();
  await listening(running);
  await send(running, 0, 3_000);
  let sent = 3_000;
  let done = false;
  const load = (async () => {
    while (!done) {
      await send(running, sent, 100);
      sent += 100;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const made = await first.run(`backup ${backup} --json`);
  done = true;
  await load;
  expect(made).toMatchObject({ status: 0, stderr: '' });
  const { rows, waitingRows } = JSON.parse(made.stdout) as { rows: { events: number }; waitingRows: number };
  const total = rows.events + waitingRows;
  expect(total).toBeGreaterThanOrEqual(3_000);

  expect(await second.run(`restore ${backup}`)).toMatchObject({ status: 0 });
  const after = await second.open();
  const found = await counts(after);
  expect(found).toMatchObject({ events: String(total), orders: String(total), of_sessions: String(total) });
});

test('an erased visitor is gone from the database and the disk, and comes back neither by a replay nor from a backup', async () => {
  const [first, second, third] = [place(), place(), place()];
  const [backup, remote] = [join(tempFolder(), 'backup'), join(tempFolder(), 'remote')];
  const running = await first.open();
  const url = await listening(running);
  await send(running, 0, 1_000);
  await first.run(`backup ${backup}`);
  // A copy that no server can write to, as on another machine.
  await first.run(`backup ${remote}`);
  expect(await countOf(running, 'ana')).toBeGreaterThan(10);

  const site = await siteOf(running);
  const response = await fetch(`${url}/api/v1/sites/${site.publicId}/privacy/erase`, {
    method: 'POST',
    headers: { authorization: `Bearer ${running.folder.localToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ visitor: 'ana' }),
  });
  expect([response.status, await response.json()]).toEqual([
    200,
    { done: true, visitors: 1, leads: 0, cases: 0, messages: 0 },
  ]);
  expect(await countOf(running, 'ana')).toBe(0);
  expect(await counts(running)).toMatchObject({ events: '990', of_sessions: '990' });
  // Nothing to replay: her rows have left the segments that are kept.
  const kept = [];
  for await (const row of running.spool.retained()) kept.push(row);
  expect(kept).toHaveLength(990);
  const her = persistentVisitor(site.id, 'ana').id;
  for (const name of readdirSync(join(first.data, 'spool')).filter((file) => file.endsWith('.ndjson'))) {
    expect(readFileSync(join(first.data, 'spool', name), 'utf8')).not.toContain(her);
  }

  // The backup knows of it, because it lies on this machine.
  await second.run(`restore ${backup}`);
  const restored = await second.open();
  expect(await countOf(restored, 'ana')).toBe(0);
  expect(await counts(restored)).toMatchObject({ events: '990', of_sessions: '990' });

  // The other copy is told by the state store of the installation that is gone.
  writeFileSync(join(remote, 'erasures.ndjson'), '');
  await running.close({ drainMs: 1_000 });
  await third.run(`restore ${remote} --erasures ${join(first.data, 'state.db')}`);
  const fromRemote = await third.open();
  expect(await countOf(fromRemote, 'ana')).toBe(0);
  expect(await counts(fromRemote)).toMatchObject({ events: '990', of_sessions: '990' });
});

test('restore refuses what is no backup, half of one, or of another release, and touches nothing', async () => {
  const { run, data } = place();
  const folder = tempFolder();
  expect((await run(`restore ${folder}`)).stderr).toContain('holds no complete backup');
  writeFileSync(join(folder, 'manifest.json'), '{"format":2}');
  expect((await run(`restore ${folder}`)).stderr).toContain('another release');
  writeFileSync(join(folder, 'manifest.json'), '{"format":1}');
  expect((await run(`restore ${folder}`)).stderr).toContain('damaged');
  expect(readdirSync(data)).toEqual([]);
});
