// @ts-check
// How long the list of leads, one lead with its timeline, and the balance of a week take in a full ledger, asked through the routes and
// as whole answers: `npm run bench -- ledger [--leads 200000] [--events 20000000] [--rounds 100]`. Prints a table and one line of JSON.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Hono } from 'hono';
import { built, emailOf, fillLedger, leadIdOf, owners } from './many-leads.js';
import { eventsPerVisitor, trafficSql } from './traffic.js';

const { values } = parseArgs({
  options: {
    leads: { type: 'string', default: '200000' },
    events: { type: 'string', default: '20000000' },
    rounds: { type: 'string', default: '100' },
  },
});
const [leads, events, rounds] = [Number(values.leads), Number(values.events), Number(values.rounds)];
const dayMs = 86_400_000;
const nowMs = Date.parse('2026-09-16T10:00:00Z');
const now = () => nowMs;
const visitorsPerInsert = 100_000;
const { seededRandom } = await built('demo/seeded-random');
const random = seededRandom('questions', 1);
/** @template Item @param {readonly Item[]} items @returns {Item} */
const among = (items) => /** @type {Item} */ (items[Math.floor(random() * items.length)]);
const someLead = () => Math.floor(random() * leads);
const someTimeMs = () => nowMs - Math.floor(random() * 730 * dayMs);
const stages = ['incomplete', 'new', 'contacted', 'appointment', 'proposal', 'won', 'lost', 'nurture'];

/**
 * Addresses behind `/api/v1/sites/SITE`; several are asked one after the other, as the board does.
 * @type {Record<string, () => string | string[]>}
 */
const questions = {
  'list, newest': () => '/leads',
  'list, last heard of': () => '/leads?sort=active',
  'list, by score': () => '/leads?sort=score',
  'list, most urgent': () => '/leads?sort=urgent',
  'list, by next step': () => '/leads?sort=next-step',
  'list, deep page, newest': () => `/leads?cursor=${cursorOf(someTimeMs())}`,
  'list, deep page, by score': () => `/leads?sort=score&cursor=${cursorOf(Math.floor(random() * 100))}`,
  'list, deep page, most urgent': () => `/leads?sort=urgent&cursor=${cursorOf(someTimeMs())}`,
  'list, one stage': () => `/leads?stage=${among(stages)}`,
  'list, one stage, by score': () => `/leads?stage=${among(stages)}&sort=score`,
  'list, two stages and warm or hot': () => '/leads?stage=new,contacted&temperature=warm,hot',
  'list, one temperature, last heard of': () => '/leads?temperature=hot&sort=active',
  'list, one owner': () => `/leads?owner=${among(owners)}`,
  'list, one owner, most urgent': () => `/leads?owner=${among(owners)}&sort=urgent`,
  'list, without an owner': () => '/leads?owner=none&sort=urgent',
  'list, one source': () => '/leads?source=google',
  'list, one source, cold, by score': () => '/leads?source=google&temperature=cold&sort=score',
  'list, one kind': () => '/leads?kind=quote',
  'list, leaking': () => '/leads?leaking=true&sort=urgent',
  'list, leaking, one owner': () => `/leads?leaking=true&owner=${among(owners)}`,
  'list, not leaking': () => '/leads?leaking=false',
  'list, due': () => `/leads?due=${new Date(nowMs + dayMs).toISOString()}&sort=next-step`,
  'search for an address': () => `/leads?search=${emailOf(someLead())}`,
  'search for a number': () => `/leads?search=${encodeURIComponent(`030 ${10_000_000 + someLead() * 7}`)}`,
  'search for a full name': () => `/leads?search=${among(['ana adler', 'ben graf', 'hana keller'])}`,
  'search for a first name': () => `/leads?search=${among(['ana', 'emil', 'fay'])}`,
  'search for two letters': () => `/leads?search=${among(['an', 'ha', 'zz'])}`,
  'search for what all have': () => '/leads?search=example.com',
  'search for what nobody has': () => '/leads?search=xylophone',
  'search in one stage': () => '/leads?search=keller&stage=contacted&sort=score',
  board: () => stages.map((stage) => `/leads?stage=${stage}&sort=newest&limit=20`),
  'lead page': () => `/leads/${leadIdOf(1 + someLead())}`,
  'lead page, lead with 2,000 events': () => `/leads/${leadIdOf(0)}`,
  timeline: () => `/leads/${leadIdOf(1 + someLead())}/timeline`,
  'timeline, lead with 2,000 events': () => `/leads/${leadIdOf(0)}/timeline`,
  'lead page and timeline': () => {
    const lead = leadIdOf(1 + someLead());
    return [`/leads/${lead}`, `/leads/${lead}/timeline`];
  },
  'balance, this week': () => '/balance',
  'balance, any week of a year': () => `/balance?week=${someWeek()}`,
  'names behind leaking': () => `/balance/leads?of=leaking&week=${someWeek()}`,
  'names behind carried': () => `/balance/leads?of=carried&week=${someWeek()}`,
  'six questions': () => `/weekly?week=${someWeek()}`,
  'balance and six questions': () => {
    const week = someWeek();
    return [`/balance?week=${week}`, `/weekly?week=${week}`];
  },
};

const { createLog } = await built('log');
const { openState } = await built('state/database');
const { startEmbeddedEngine } = await built('clickhouse/embedded-engine');
const log = createLog('silent');
const folder = mkdtempSync(join(tmpdir(), 'telltale-bench-'));
const engine = await startEmbeddedEngine({ folder, memoryBytes: 6e9, log });
const state = openState(join(folder, 'state.db'));
try {
  const { loadSites } = await built('state/sites');
  const site = await (await loadSites(state, now)).create({ domain: 'example.com', timezone: 'Europe/Berlin' });
  const clickhouse = await openEvents(site.id);
  say('writing leads');
  const staleMs = site.settings.staleDays * dayMs;
  await fillLedger(state, { siteId: site.id, leads, nowMs, staleMs, visitors: await visitorsOf(clickhouse, site.id) });
  const figures = await measure(await routesOf(site, clickhouse));
  console.log(JSON.stringify({ bench: 'ledger', leads, events, rounds, ms: figures }));
  await clickhouse.close();
} finally {
  await state.close();
  await engine.stop();
  rmSync(folder, { recursive: true });
}

/** @param {string} text */
function say(text) {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
}

/** @param {number} sort */
function cursorOf(sort) {
  return Buffer.from(JSON.stringify([String(sort), leadIdOf(0)])).toString('base64url');
}

function someWeek() {
  return `2026-W${String(1 + Math.floor(random() * 37)).padStart(2, '0')}`;
}

/** @param {number} siteId */
async function openEvents(siteId) {
  const { createClickHouse } = await built('clickhouse/client');
  const { migrate } = await built('clickhouse/migrate');
  const clickhouse = createClickHouse({ ...engine, database: 'bench', log });
  await migrate(clickhouse, { database: 'bench' });
  const visitors = Math.round(events / eventsPerVisitor);
  for (let first = 0; first < visitors; first += visitorsPerInsert) {
    say(`writing events ${Math.round((first / visitors) * 100)} %`);
    const last = Math.min(visitors, first + visitorsPerInsert);
    await clickhouse.command(trafficSql({ site: String(siteId), first, last }));
  }
  return clickhouse;
}

/** The browsers of the first visitors of the traffic, one for each lead. @param {any} clickhouse @param {number} siteId */
async function visitorsOf(clickhouse, siteId) {
  const { sql, param } = await built('clickhouse/sql');
  const { rows } = await clickhouse.query(
    sql`SELECT toString(cityHash64('visitor', toUInt32(${param.uint32(siteId)}), number)) AS visitor FROM numbers(${param.uint32(leads)})`,
    { name: 'bench-visitors' },
  );
  return rows.map((/** @type {{ visitor: string }} */ { visitor }) => visitor);
}

/** The product's own routes, for somebody who is signed in. @param {any} site @param {any} clickhouse */
async function routesOf(site, clickhouse) {
  const { leadRoutes } = await built('routes/leads');
  const { balanceRoutes } = await built('routes/balance');
  /** @type {Hono<{ Variables: { site: unknown, principal: unknown } }>} */
  const app = new Hono();
  app.use(async (c, next) => {
    c.set('site', site);
    c.set('principal', { kind: 'local' });
    await next();
  });
  app.route('/', balanceRoutes({ state, now }));
  app.route('/', leadRoutes({ ledger: { state, now, reactions: [] }, clickhouse }));
  return app;
}

/** @param {Awaited<ReturnType<typeof routesOf>>} app */
async function measure(app) {
  /** @type {Record<string, { p50: number, p95: number }>} */
  const figures = {};
  for (const [name, addressOf] of Object.entries(questions)) {
    /** @type {number[]} */
    const times = [];
    let found = '';
    // The first one warms up.
    for (let round = 0; round <= rounds; round += 1) {
      const addresses = [addressOf()].flat();
      const started = performance.now();
      for (const address of addresses) found = await bodyOf(app, address);
      if (round > 0) times.push(performance.now() - started);
    }
    times.sort((a, b) => a - b);
    const at = (/** @type {number} */ share) => Number((times[Math.ceil(times.length * share) - 1] ?? 0).toFixed(1));
    figures[name] = { p50: at(0.5), p95: at(0.95) };
    const total = /"total":(\d+)/.exec(found)?.[1] ?? '';
    console.log(
      `${name.padEnd(38)} p50 ${String(at(0.5)).padStart(7)} ms   p95 ${String(at(0.95)).padStart(7)} ms   ${total.padStart(7)}`,
    );
  }
  return figures;
}

/** @param {Awaited<ReturnType<typeof routesOf>>} app @param {string} address */
async function bodyOf(app, address) {
  const answer = await app.request(address);
  const body = await answer.text();
  if (answer.status !== 200) throw new Error(`${address} was answered with ${answer.status}: ${body}`);
  return body;
}
