// @ts-check
// What a tick of detection reads and how long it takes, beside the plain question over the events table, in the same run:
// `npm run bench -- detection`. Options: --events 20000000, --ticks 20. Needs `npm run build`. What the figures mean: README.md here.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { eventsPerVisitor, trafficSql } from './traffic.js';

const { values: options } = parseArgs({
  options: { events: { type: 'string', default: '20000000' }, ticks: { type: 'string', default: '20' } },
});
const events = Number(options.events);
const ticks = Number(options.ticks);
const intervalMs = 15_000;
/** In the middle of the traffic, at an hour like any other. */
const startMs = Date.parse('2026-09-20T12:00:00Z');
/** The longer wait and a little more: what detection must have read before the first tick that is measured. */
const warmUpMs = 25 * 60 * 60 * 1000;
const visitorsPerInsert = 100_000;

/** The two waits that rules usually have, half an hour and a day. */
const rules = [
  { name: 'Booking', intent: { event: 'booking_start' }, complete: [{ event: 'booking_done' }], wait: '30m' },
  { name: 'Prices', intent: { event: 'pricing_view' }, complete: [{ event: 'booking_start' }], wait: '24h' },
];

/** @param {string} name a module of the built collector; not a literal import, so that the type check leaves the build alone */
const built = (name) => import(new URL(`../dist/collector/${name}.js`, import.meta.url).href);

/** @typedef {{ rows: number, ms: number }} Cost */

const folder = await mkdtemp(join(tmpdir(), 'telltale-bench-'));
const { createLog } = await built('log');
const { startEmbeddedEngine } = await built('clickhouse/embedded-engine');
const { createClickHouse } = await built('clickhouse/client');
const log = createLog('silent');
const engine = await startEmbeddedEngine({ folder, memoryBytes: 6e9, log });
try {
  const scenes = [
    { title: '1 site', events: 1_000_000, sites: 1 },
    { title: '1 site', events, sites: 1 },
    { title: '1,000 sites', events, sites: 1_000 },
  ];
  const figures = [];
  for (const [index, scene] of scenes.entries()) figures.push(await measure(scene, `bench${index}`));
  print(figures);
} finally {
  await engine.stop();
  await rm(folder, { recursive: true, force: true });
}

/** @param {{ title: string, events: number, sites: number }} scene @param {string} database */
async function measure(scene, database) {
  const clickhouse = createClickHouse({ ...engine, database, log });
  try {
    const stored = await makeData(scene, { clickhouse, database });
    const { detector, clock, meter, close } = await makeDetector(scene, { clickhouse, database });
    say(`${scene.title}: reading what came before`);
    await detector.runOnce();
    /** @type {Cost[]} */
    const ours = [];
    /** @type {Cost[]} */
    const pages = [];
    /** @type {Cost[]} */
    const plain = [];
    /** @type {Cost[]} */
    const projected = [];
    let abandoned = 0;
    for (let tick = 0; tick <= ticks; tick += 1) {
      say(`${scene.title}: tick ${tick} of ${ticks}`);
      clock.ms += intervalMs;
      meter.reset();
      const started = performance.now();
      await detector.runOnce();
      const ms = performance.now() - started;
      const asked = await plainQuestion(scene, { database, nowMs: clock.ms, projections: 0 });
      const helped = await plainQuestion(scene, { database, nowMs: clock.ms, projections: 1 });
      // The first one warms up.
      if (tick === 0) continue;
      ours.push({ rows: meter.detection, ms });
      pages.push({ rows: meter.pages, ms: 0 });
      plain.push(asked.cost);
      projected.push(helped.cost);
      abandoned += asked.people;
    }
    await close();
    await statement(`DROP DATABASE ${database}`);
    return {
      ...scene,
      events: stored.events,
      intents: stored.intents,
      abandoned,
      tick: middleOf(ours),
      slowestTickMs: Math.round(Math.max(...ours.map(({ ms }) => ms))),
      pagesRows: middleOf(pages).rows,
      plain: middleOf(plain),
      withProjection: middleOf(projected),
    };
  } finally {
    await clickhouse.close();
  }
}

/** @param {{ title: string, events: number, sites: number }} scene @param {{ clickhouse: any, database: string }} place */
async function makeData(scene, { clickhouse, database }) {
  const { migrate } = await built('clickhouse/migrate');
  await migrate(clickhouse, { database });
  const visitors = Math.round(scene.events / eventsPerVisitor);
  const site = scene.sites === 1 ? '1' : `1 + cityHash64('site', number) % ${scene.sites}`;
  for (let first = 0; first < visitors; first += visitorsPerInsert) {
    say(`${scene.title}: writing events ${Math.round((first / visitors) * 100)} %`);
    await statement(trafficSql({ site, first, last: Math.min(visitors, first + visitorsPerInsert) }), database);
  }
  // As shipping does: what a rule asks about lies in `intents` too, here with the time at which it happened as its arrival.
  await statement('ALTER TABLE intents REMOVE TTL', database);
  const names = [
    ...new Set(rules.flatMap(({ intent, complete }) => [intent.event, ...complete.map((one) => one.event)])),
  ];
  await statement(
    `INSERT INTO intents (received_at, site_id, ts, seq, visitor_id, session_id, page_id, name, path, host, title, props, value, currency, country, device, channel, persistent)
    SELECT ts, site_id, ts, seq, visitor_id, session_id, page_id, name, path, host, title, props, value, currency, country, device, channel, persistent
    FROM events WHERE name IN (${names.map((name) => `'${name}'`).join(', ')})`,
    database,
  );
  say(`${scene.title}: merging`);
  for (const table of ['events', 'intents']) await statement(`OPTIMIZE TABLE ${table} FINAL`, database);
  const { rows } = await rowsOf(
    'SELECT toFloat64((SELECT count() FROM events)) AS events, toFloat64((SELECT count() FROM intents)) AS intents',
    database,
  );
  return { events: Number(rows[0]?.events), intents: Number(rows[0]?.intents) };
}

/** Detection as the product runs it, with a clock of ours. @param {{ sites: number }} scene @param {{ clickhouse: any, database: string }} place */
async function makeDetector({ sites: count }, { clickhouse, database }) {
  const { openState } = await built('state/database');
  const { loadSites } = await built('state/sites');
  const { loadRules } = await built('state/rules');
  const { createEndpoint } = await built('state/endpoints');
  const { createDetector } = await built('detection/run');
  const { rule } = await built('contract/rule');
  const clock = { ms: startMs - warmUpMs };
  const now = () => clock.ms;
  const state = openState(join(folder, `${database}.db`));
  const sites = await loadSites(state, now);
  const book = await loadRules(state, now);
  for (let number = 1; number <= count; number += 1) {
    const site = await sites.create({ domain: `site-${number}.example`, timezone: 'UTC' });
    const endpoint = await createEndpoint(state, {
      siteId: site.id,
      endpoint: { name: 'Mail', url: 'https://example.com/hook', events: [], enabled: true },
      nowMs: clock.ms,
    });
    for (const written of rules)
      await book.create(
        site.id,
        rule.parse({ ...written, followUps: [{ after: '0s', endpoint: endpoint.id }], enabled: true }),
      );
  }
  clock.ms = startMs;
  const meter = {
    detection: 0,
    pages: 0,
    reset() {
      meter.detection = 0;
      meter.pages = 0;
    },
  };
  const metered = {
    ...clickhouse,
    /** @param {any} sql @param {{ name: string }} asked */
    query: async (sql, asked) => {
      const answer = await clickhouse.query(sql, asked);
      if (asked.name === 'viewed') meter.pages += answer.rowsRead;
      else meter.detection += answer.rowsRead;
      return answer;
    },
  };
  const spool = { shippedThrough: now, flush: async () => {}, append: async () => {} };
  const detector = createDetector({ state, clickhouse: metered, sites, rules: book, spool, now, log });
  return { detector, clock, meter, close: () => state.close() };
}

/**
 * What a product asks that has only its events: who did the first thing so long ago, and not the second since? For every rule, at
 * every tick; of all sites at once where there are many. It forgets what arrives late, and knows nothing of cases.
 * @param {{ sites: number }} scene
 * @param {{ database: string, nowMs: number, projections: 0 | 1 }} at
 */
async function plainQuestion({ sites }, { database, nowMs, projections }) {
  let rows = 0;
  let people = 0;
  const started = performance.now();
  for (const { intent, complete, wait } of rules) {
    const waitMs = wait === '30m' ? 30 * 60_000 : 24 * 60 * 60_000;
    const [first, last, until] = [nowMs - waitMs - intervalMs, nowMs - waitMs, nowMs].map(
      (ms) => `toDateTime64('${new Date(ms).toISOString().slice(0, 23).replace('T', ' ')}', 3, 'UTC')`,
    );
    const answer = await rowsOf(
      `SELECT toFloat64(count()) AS people FROM (
        SELECT site_id, visitor_id, minIf(ts, name = '${intent.event}' AND ts <= ${last}) AS begun,
          countIf(name = '${intent.event}' AND ts <= ${last}) AS begins, maxIf(ts, name = '${complete[0]?.event}') AS done
        FROM events
        WHERE ${sites === 1 ? 'site_id = 1 AND ' : ''}toDate(ts) >= toDate(${first}) AND toDate(ts) <= toDate(${until})
          AND ts > ${first} AND ts <= ${until} AND name IN ('${intent.event}', '${complete[0]?.event}')
        GROUP BY site_id, visitor_id
        HAVING begins > 0 AND done < begun
      ) SETTINGS optimize_use_projections = ${projections}`,
      database,
    );
    rows += answer.read.rows;
    people += Number(answer.rows[0]?.people);
  }
  return { people, cost: { rows, ms: performance.now() - started } };
}

/** @param {any[]} figures */
function print(figures) {
  process.stderr.write('\n');
  const number = (/** @type {number} */ value) => value.toLocaleString('en');
  console.log(`${ticks} ticks of ${intervalMs / 1000} s, two rules for each site (30 minutes and a day); medians\n`);
  console.log(
    '| events | sites | in `intents` | tick: rows read | ms | plain question: rows read | ms | × less read | with the projection: rows read | pages of messages: rows read |\n|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|',
  );
  for (const one of figures) {
    console.log(
      `| ${number(one.events)} | ${number(one.sites)} | ${number(one.intents)} | ${number(one.tick.rows)} | ${one.tick.ms} | ${number(one.plain.rows)} | ${one.plain.ms} | ${Math.round(one.plain.rows / one.tick.rows)} | ${number(one.withProjection.rows)} | ${number(one.pagesRows)} |`,
    );
  }
  const musts = figures.map((one) => ({
    must: `${number(one.events)} events, ${one.title}: reads ≥ 20 × less than the plain question`,
    value: Math.round((one.plain.rows / one.tick.rows) * 10) / 10,
    holds: one.plain.rows >= 20 * one.tick.rows,
  }));
  console.log('\n| must | measured | holds |\n|---|---:|---|');
  for (const { must, value, holds } of musts) console.log(`| ${must} | ${value} | ${holds ? 'yes' : 'no'} |`);
  console.log(JSON.stringify({ bench: 'detection', ticks, figures, musts }));
}

/** @param {Cost[]} costs @returns {Cost} */
function middleOf(costs) {
  const middle = (/** @type {number[]} */ values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  return { rows: middle(costs.map(({ rows }) => rows)), ms: Math.round(middle(costs.map(({ ms }) => ms))) };
}

/** @param {string} text @param {string} database */
async function rowsOf(text, database) {
  const answer = await post(`${text} FORMAT JSON`, database);
  const { data, statistics } = await answer.json();
  return {
    rows: /** @type {Record<string, string | number>[]} */ (data),
    read: { rows: statistics.rows_read, bytes: statistics.bytes_read },
  };
}

/** @param {string} text @param {string} [database] */
async function statement(text, database = 'default') {
  await (await post(text, database)).text();
}

/** @param {string} body @param {string} database */
async function post(body, database) {
  const answer = await fetch(`${engine.url}/?database=${database}&wait_end_of_query=1`, {
    method: 'POST',
    body,
    headers: { 'X-ClickHouse-User': engine.user, 'X-ClickHouse-Key': engine.password },
  });
  if (!answer.ok) throw new Error((await answer.text()).slice(0, 400));
  return answer;
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`\r\u001b[K${text}`);
}
