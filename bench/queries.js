// @ts-check
// Our questions beside the shapes of other products, on the same events, in the same engine, in turns: `npm run bench -- queries`.
// Options: --events 20000000, --rounds 5. Prints tables, and one line of JSON for comparisons. What the figures mean: README.md here.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { funnelSteps, peers, wholeMonth } from './peers.js';
import { eventsPerVisitor, trafficSql } from './traffic.js';

const { values: options } = parseArgs({
  options: { events: { type: 'string', default: '20000000' }, rounds: { type: 'string', default: '5' } },
});
const visitors = Math.round(Number(options.events) / eventsPerVisitor);
const rounds = Number(options.rounds);
/** So that one INSERT stays well under the client's time limit. */
const visitorsPerInsert = 100_000;
/** Sites beside the big one, most of them small, with a twentieth of its visitors in all. */
const smallSites = 1_000;
const memoryBytes = 8e9;

/** @param {string} name a module of the built collector; not a literal import, so that the type check leaves the build alone */
const built = (name) => import(new URL(`../dist/collector/${name}.js`, import.meta.url).href);

/** @typedef {{ rows: number, bytes: number }} Read */
/** @typedef {{ question: string, name: string, run: () => Promise<Read> }} Contender */
/** @typedef {Contender & { ms: number[], read?: Read, failed?: string }} Measured */

const folder = await mkdtemp(join(tmpdir(), 'telltale-bench-'));
const { createLog } = await built('log');
const { startEmbeddedEngine } = await built('clickhouse/embedded-engine');
const { createClickHouse } = await built('clickhouse/client');
const engine = await startEmbeddedEngine({ folder, memoryBytes, log: createLog('silent') });
const clickhouse = createClickHouse({ ...engine, database: 'bench', log: createLog('silent') });
try {
  const made = await makeData();
  const measured = [];
  for (const contenders of [await monthly(), await shorter(), await manySites()])
    measured.push(...(await inTurns(contenders)));
  const dashboards = await fourDashboards();
  const disk = await bytesPerEvent(made.events);
  const figures = toFigures(measured);
  const musts = toMusts(figures, disk);
  print({ made, figures, dashboards, disk, musts });
} finally {
  await clickhouse.close();
  await engine.stop();
  await rm(folder, { recursive: true, force: true });
}

async function makeData() {
  const { migrate } = await built('clickhouse/migrate');
  const started = Date.now();
  await migrate(clickhouse, { database: 'bench' });
  for (let first = 0; first < visitors; first += visitorsPerInsert) {
    const last = Math.min(visitors, first + visitorsPerInsert);
    say(`writing events: ${Math.round((last / visitors) * 100)} %`);
    await statement(trafficSql({ site: '1', first, last }));
  }
  const site = `2 + floor(pow(${smallSites}, cityHash64('site', number) % 1000003 / 1000003))`;
  await statement(trafficSql({ site, first: 0, last: Math.round(visitors / 20) }));
  /** @type {Record<string, number>} seconds */
  const seconds = { Telltale: (Date.now() - started) / 1000 };
  for (const [name, { tables, fill }] of Object.entries(peers)) {
    say(`copying them for ${name}`);
    const began = Date.now();
    for (const text of [...tables, ...fill]) await statement(text);
    seconds[name] = (Date.now() - began) / 1000;
  }
  say('merging');
  const began = Date.now();
  for (const { name } of (
    await rowsOf(`SELECT name FROM system.tables WHERE database = 'bench' AND engine LIKE '%MergeTree'`)
  ).rows)
    await statement(`OPTIMIZE TABLE ${name} FINAL`);
  seconds.merging = (Date.now() - began) / 1000;
  const { rows } = await rowsOf(
    'SELECT toFloat64(count()) AS events, toFloat64(uniqExact(visitor_id)) AS people FROM events',
  );
  const { events, people } = rows[0] ?? {};
  return { events: Number(events), visitors: Number(people), seconds };
}

/** The questions of a month of the big site, each by everyone who answers it. @returns {Promise<Contender[]>} */
async function monthly() {
  const ours = await ourQuestions(wholeMonth);
  return [
    ...Object.entries(ours).map(([question, run]) => ({ question, name: 'Telltale', run })),
    ...peerContenders(wholeMonth),
    ...scans(wholeMonth),
  ];
}

/** @returns {Promise<Contender[]>} */
async function shorter() {
  const day = { site: 1, from: '2026-09-15', to: '2026-09-16' };
  const ours = await ourQuestions(day);
  const pick = ['funnel', 'next page', 'overview'];
  return [
    ...pick.map((question) => ({
      question: `${question}, 1 day`,
      name: 'Telltale',
      run: /** @type {() => Promise<Read>} */ (ours[question]),
    })),
    ...peerContenders(day).map((peer) => ({ ...peer, question: `${peer.question}, 1 day` })),
    ...scans(day).map((scan) => ({ ...scan, question: `${scan.question}, 1 day` })),
  ];
}

/** The biggest, a middling and a small one of many sites. @returns {Promise<Contender[]>} */
async function manySites() {
  const { rows } = await rowsOf(
    'SELECT site_id, toFloat64(count()) AS events FROM events WHERE site_id > 1 GROUP BY site_id ORDER BY events DESC',
  );
  const contenders = [];
  for (const place of [0, 0.5]) {
    const { site_id: site, events } = rows[Math.floor(rows.length * place)] ?? {};
    const scope = { ...wholeMonth, site: Number(site) };
    const ours = await ourQuestions(scope);
    const named = `of a site with ${Number(events).toLocaleString('en')} events`;
    for (const question of ['funnel', 'overview'])
      contenders.push({
        question: `${question} ${named}`,
        name: 'Telltale',
        run: /** @type {() => Promise<Read>} */ (ours[question]),
      });
    for (const peer of peerContenders(scope)) {
      if (peer.question !== 'next page') contenders.push({ ...peer, question: `${peer.question} ${named}` });
    }
  }
  return contenders;
}

/**
 * Through the very functions that the routes call.
 * @param {import('./peers.js').Scope} scope
 * @returns {Promise<Record<string, () => Promise<Read>>>}
 */
async function ourQuestions({ site, from, to }) {
  const { funnel } = await built('queries/funnel');
  const { funnelPeople } = await built('queries/funnel-people');
  const { funnelNext } = await built('queries/funnel-next');
  const { paths } = await built('queries/paths');
  const { overview } = await built('queries/overview');
  const { funnelRequest, funnelPeopleRequest, funnelNextRequest } = await built('contract/funnel');
  const { pathsRequest } = await built('contract/paths');
  const { overviewRequest } = await built('contract/overview');
  const steps = { from, to, steps: funnelSteps.map((match) => ({ match })) };
  /** @param {Function} ask @param {any} request */
  const question = (ask, request) => async () => {
    const read = { rows: 0, bytes: 0 };
    const metered = {
      ...clickhouse,
      query: async (/** @type {any[]} */ ...all) => {
        const answer = await clickhouse.query(...all);
        read.rows += answer.rowsRead;
        read.bytes += answer.bytesRead;
        return answer;
      },
    };
    await ask(metered, { siteId: site, timezone: 'UTC', request });
    return read;
  };
  return {
    // What the others answer: how many reached each step. Ours with everything it says is a question of its own.
    funnel: question(funnel, funnelRequest.parse({ ...steps, only: 'counts' })),
    'funnel with times and money': question(funnel, funnelRequest.parse(steps)),
    people: question(funnelPeople, funnelPeopleRequest.parse({ ...steps, step: 2 })),
    next: question(funnelNext, funnelNextRequest.parse({ ...steps, step: 2 })),
    'next page': question(
      paths,
      pathsRequest.parse({ from, to, start: { path: '/pricing' }, depth: 2, events: false }),
    ),
    'paths, 5 columns': question(paths, pathsRequest.parse({ from, to, depth: 5, events: false })),
    overview: question(overview, overviewRequest.parse({ from, to, interval: 'day' })),
  };
}

/** @param {import('./peers.js').Scope} scope @returns {Contender[]} */
function peerContenders(scope) {
  const named = /** @type {const} */ ({ funnel: 'funnel', paths: 'next page', overview: 'overview' });
  return Object.entries(peers).flatMap(([name, peer]) =>
    Object.entries(named).flatMap(([key, question]) => {
      const statements = peer[/** @type {keyof typeof named} */ (key)]?.(scope);
      return statements ? [{ question, name, run: () => readAll(statements) }] : [];
    }),
  );
}

/** What the engine needs to look at every event at all. @param {import('./peers.js').Scope} scope @returns {Contender[]} */
function scans({ site, from, to }) {
  const rows = `site_id = ${site} AND toDate(ts) >= '${from}' AND toDate(ts) <= '${to}' AND ts >= '${from}' AND ts < '${to}'`;
  return [
    {
      question: 'funnel',
      name: 'scan: hash of 3 columns',
      run: () =>
        readAll([
          `SELECT count(), sum(cityHash64(visitor_id, ts, path)) FROM events WHERE ${rows} SETTINGS optimize_use_projections = 0`,
        ]),
    },
    {
      question: 'funnel',
      name: 'scan: 3 plain sums',
      run: () =>
        readAll([
          `SELECT sum(visitor_id), sum(toUnixTimestamp64Milli(ts)), sum(length(path)) FROM events WHERE ${rows} SETTINGS optimize_use_projections = 0`,
        ]),
    },
  ];
}

/** Every contender once a round, so that whatever else the machine does meets all of them. The first round only warms up. @param {Contender[]} contenders */
async function inTurns(contenders) {
  /** @type {Measured[]} */
  const measured = contenders.map((contender) => ({ ...contender, ms: [] }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const one of measured) {
      if (one.failed) continue;
      say(`${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}: ${one.question}, ${one.name}`);
      const started = performance.now();
      try {
        one.read = await one.run();
        if (round > 0) one.ms.push(performance.now() - started);
      } catch (error) {
        one.failed = error instanceof Error ? error.message.slice(0, 200) : String(error);
      }
    }
  }
  return measured;
}

/** Four people open the overview, a funnel and a path at the same time, again and again. */
async function fourDashboards() {
  const ours = await ourQuestions({ site: 1, from: '2026-09-20', to: '2026-09-27' });
  /** @type {number[]} */
  const ms = [];
  let failed = 0;
  const person = async () => {
    for (let time = 0; time < rounds * 2; time += 1) {
      await Promise.all(
        ['overview', 'funnel', 'next page'].map(async (question) => {
          const started = performance.now();
          await ours[question]?.().then(
            () => ms.push(performance.now() - started),
            () => (failed += 1),
          );
        }),
      );
    }
  };
  say('four dashboards at once');
  await Promise.all([person(), person(), person(), person()]);
  ms.sort((a, b) => a - b);
  return {
    questions: ms.length,
    p50: Math.round(ms[Math.floor(ms.length * 0.5)] ?? 0),
    p95: Math.round(ms[Math.floor(ms.length * 0.95)] ?? 0),
    failed,
  };
}

/** @param {number} events */
async function bytesPerEvent(events) {
  const { rows } = await rowsOf(
    `SELECT table, toFloat64(sum(bytes_on_disk)) AS bytes FROM system.parts WHERE database = 'bench' AND active GROUP BY table ORDER BY table`,
  );
  const projections = await rowsOf(
    `SELECT toFloat64(sum(bytes_on_disk)) AS bytes FROM system.projection_parts WHERE database = 'bench' AND table = 'events' AND active`,
  );
  /** @type {Record<string, number>} */
  const bytes = Object.fromEntries(
    rows.map(({ table, bytes }) => [String(table), Math.round((Number(bytes) / events) * 10) / 10]),
  );
  const columns = await rowsOf(
    `SELECT name, toFloat64(sum(data_compressed_bytes)) AS bytes FROM system.columns WHERE database = 'bench' AND table = 'events' GROUP BY name ORDER BY bytes DESC LIMIT 8`,
  );
  const projection = Math.round((Number(projections.rows[0]?.bytes ?? 0) / events) * 10) / 10;
  const own = ['events', 'intents', 'sessions'].reduce((sum, table) => sum + (bytes[table] ?? 0), 0);
  return {
    total: Math.round(own * 10) / 10,
    ofWhichProjection: projection,
    tables: bytes,
    columns: Object.fromEntries(
      columns.rows.map(({ name, bytes }) => [name, Math.round((Number(bytes) / events) * 100) / 100]),
    ),
  };
}

/** @param {Measured[]} measured */
function toFigures(measured) {
  return measured.map(({ question, name, ms, read, failed }) => {
    const sorted = [...ms].sort((a, b) => a - b);
    const ours = measured.find((one) => one.question === question && one.name === 'Telltale');
    const own = [...(ours?.ms ?? [])].sort((a, b) => a - b);
    const [median, ourMedian] = [middle(sorted), middle(own)];
    return {
      question,
      name,
      ms: Math.round(median),
      from: Math.round(sorted[0] ?? 0),
      to: Math.round(sorted.at(-1) ?? 0),
      ratio: ourMedian ? Math.round((median / ourMedian) * 100) / 100 : null,
      rows: read?.rows ?? 0,
      megabytes: Math.round((read?.bytes ?? 0) / 1e6),
      ...(failed ? { failed } : {}),
    };
  });
}

/** What we promise of ourselves. @param {ReturnType<typeof toFigures>} figures @param {{ total: number, tables: Record<string, number> }} disk */
function toMusts(figures, disk) {
  const of = (/** @type {string} */ question, /** @type {string} */ name) => {
    const found = figures.find((one) => one.question === question && one.name === name);
    return found && !found.failed ? found.ms : Number.NaN;
  };
  const best = (/** @type {string} */ question) =>
    Math.min(
      ...figures.filter((one) => one.question === question && one.name in peers && !one.failed).map(({ ms }) => ms),
    );
  const [funnel, scan] = [of('funnel', 'Telltale'), of('funnel', 'scan: hash of 3 columns')];
  /** @type {[string, number, (value: number) => boolean][]} */
  const rules = [
    ['funnel: best peer ≥ 2 × ours', best('funnel') / funnel, (value) => value >= 2],
    ['funnel: ours ≤ 1.6 × the hashing scan', funnel / scan, (value) => value <= 1.6],
    ['next page: best peer ≥ 10 × ours', best('next page') / of('next page', 'Telltale'), (value) => value >= 10],
    ['overview: best peer ≥ 2 × ours', best('overview') / of('overview', 'Telltale'), (value) => value >= 2],
    [
      'with times and money ≤ 2 × the funnel',
      of('funnel with times and money', 'Telltale') / funnel,
      (value) => value <= 2,
    ],
    ['people ≤ 2 × the funnel', of('people', 'Telltale') / funnel, (value) => value <= 2],
    ['next ≤ 2 × the funnel', of('next', 'Telltale') / funnel, (value) => value <= 2],
    ['bytes an event, with the order by step ≤ 24', disk.tables.events ?? Number.NaN, (value) => value <= 24],
    ['bytes an event, all in ≤ 20', disk.total, (value) => value <= 20],
  ];
  return rules.map(([must, value, holds]) => ({ must, value: Math.round(value * 100) / 100, holds: holds(value) }));
}

/** @param {any} report */
function print({ made, figures, dashboards, disk, musts }) {
  process.stderr.write('\n');
  console.log(
    `${made.events.toLocaleString('en')} events of ${made.visitors.toLocaleString('en')} visitors, ${rounds} rounds in turns\n`,
  );
  console.log('| question | who | ms | min … max | × ours | rows read | MB read |\n|---|---|---:|---:|---:|---:|---:|');
  for (const one of figures) {
    const times = one.failed
      ? `| – | ${one.failed.replaceAll('\n', ' ').slice(0, 60)} | –`
      : `| ${one.ms} | ${one.from} … ${one.to} | ${one.ratio ?? '–'}`;
    console.log(`| ${one.question} | ${one.name} ${times} | ${one.rows.toLocaleString('en')} | ${one.megabytes} |`);
  }
  console.log(
    `\nFour dashboards at once, 7 days: p50 ${dashboards.p50} ms, p95 ${dashboards.p95} ms, ${dashboards.failed} failed`,
  );
  console.log(
    `Bytes an event: ${disk.total}, of which the projection ${disk.ofWhichProjection}; tables ${JSON.stringify(disk.tables)}; widest columns ${JSON.stringify(disk.columns)}\n`,
  );
  console.log('| must | measured | holds |\n|---|---:|---|');
  for (const { must, value, holds } of musts) console.log(`| ${must} | ${value} | ${holds ? 'yes' : 'no'} |`);
  console.log(JSON.stringify({ bench: 'queries', ...made, rounds, figures, dashboards, disk, musts }));
}

/** @param {number[]} sorted */
function middle(sorted) {
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? Number.NaN) + (sorted[Math.floor(half)] ?? Number.NaN)) / 2;
}

/** @param {string[]} statements @returns {Promise<Read>} */
async function readAll(statements) {
  const reads = await Promise.all(statements.map(async (text) => (await rowsOf(text)).read));
  return {
    rows: reads.reduce((sum, { rows }) => sum + rows, 0),
    bytes: reads.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Without the limits of our reader account: others may take as long as they need. @param {string} text */
async function rowsOf(text) {
  const answer = await post(`${text} FORMAT JSON`);
  const { data, statistics } = await answer.json();
  return {
    rows: /** @type {Record<string, string | number>[]} */ (data),
    read: { rows: statistics.rows_read, bytes: statistics.bytes_read },
  };
}

/** @param {string} text */
async function statement(text) {
  await (await post(text)).text();
}

/** @param {string} body */
async function post(body) {
  const answer = await fetch(`${engine.url}/?database=bench&wait_end_of_query=1`, {
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
