// @ts-check
// Everything a fault happens to: event database, network, collector and visitors, each a process (or a socket) of its own.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../scripts/until.js';
import { openProxy } from './proxy.js';

const script = (/** @type {string} */ name) => fileURLToPath(new URL(`./${name}.js`, import.meta.url));
const product = fileURLToPath(new URL('../../bin/telltale.js', import.meta.url));
const built = (/** @type {string} */ name) => import(new URL(`../../dist/collector/${name}.js`, import.meta.url).href);
const { hash64 } = await built('hash');

/** @typedef {Awaited<ReturnType<typeof openEngine>>} Engine */
/** @typedef {Awaited<ReturnType<typeof openWorld>>} World */

/** @typedef {{ url: string, user: string, password: string, pid: number }} EngineAddress */

/** Starts the process and resolves when the database in it answers. @param {string} folder */
async function startEngine(folder) {
  const child = spawn(process.execPath, [script('engine'), folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  /** @type {EngineAddress | undefined} */
  let address;
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ piece) => {
    text += piece;
    if (text.includes('\n')) address = JSON.parse(text.slice(0, text.indexOf('\n')));
  });
  const found = await until(
    () => address,
    60_000,
    () => 'the event database did not start',
  );
  return { child, address: found };
}

/** @param {string} folder */
export async function openEngine(folder) {
  mkdirSync(folder, { recursive: true });
  let running = await startEngine(folder);
  return {
    /** Another one after each kill. */
    port: () => Number(new URL(running.address.url).port),
    pid: () => running.address.pid,
    user: running.address.user,
    password: running.address.password,
    /** Rows of tab-separated text. @param {string} statement @param {string} [database] */
    async ask(statement, database = 'telltale') {
      const { url, user, password } = running.address;
      const response = await fetch(`${url}/?database=${database}`, {
        method: 'POST',
        body: statement,
        headers: { 'x-clickhouse-user': user, 'x-clickhouse-key': password },
      });
      const answer = await response.text();
      if (!response.ok) throw new Error(answer);
      return answer
        .split('\n')
        .slice(0, -1)
        .map((line) => line.split('\t'));
    },
    /** Resolves when another process answers in its place. */
    async kill() {
      // Who would start it again first, so that it is ours to do.
      running.child.kill('SIGKILL');
      process.kill(running.address.pid, 'SIGKILL');
      running = await startEngine(folder);
    },
    async close() {
      running.child.stdin.end();
      await new Promise((resolve) => running.child.once('exit', resolve));
    },
  };
}

/**
 * @param {{ folder: string, engine: Engine, faulty?: boolean, database?: string }} options `faulty`: with the network and the hooks that the faults need;
 *   without, it is the product as it is started by its users
 */
export async function openWorld({ folder, engine, faulty = true, database = 'telltale' }) {
  const data = join(folder, 'data');
  const insertLog = join(folder, 'inserts.log');
  mkdirSync(data, { recursive: true });
  const proxy = await openProxy({ port: () => engine.port(), slowMs: 5_000 });
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let collector;
  let printed = '';
  let port = '0';
  let url = '';
  let token = '';
  let sites = 0;

  const env = {
    ...process.env,
    TELLTALE_DATA: data,
    TELLTALE_RATE_SITE: 'off',
    TELLTALE_LOG: 'warn',
    CLICKHOUSE_URL: faulty ? proxy.url : `http://127.0.0.1:${engine.port()}`,
    CLICKHOUSE_USER: engine.user,
    CLICKHOUSE_PASSWORD: engine.password,
    CLICKHOUSE_DATABASE: database,
  };

  /** @typedef {{ killAfter?: number, env?: Record<string, string> }} Launch `killAfter`: inserts after which it kills itself */

  /** Starts the collector and does not wait. @param {Launch} [how] */
  function launch({ killAfter = 0, env: more = {} } = {}) {
    const program = faulty ? [script('collector'), insertLog, String(killAfter)] : [product, 'start'];
    const child = spawn(process.execPath, program, {
      env: { ...env, ...more, TELLTALE_PORT: port },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    printed = '';
    child.stderr?.on('data', (piece) => {
      printed = (printed + piece).slice(-20_000);
    });
    collector = child;
    return child;
  }

  /** Resolves when it takes events: with how long that took, ms. @param {Launch} [how] */
  async function start(how) {
    const started = performance.now();
    const child = launch(how);
    await until(
      async () => {
        if (child.exitCode !== null) throw new Error(`the collector ended with ${child.exitCode}:\n${printed}`);
        // Killed by its own hook: quicker than we could look.
        if (child.signalCode !== null) return true;
        const run = readJson(join(data, 'run.json'));
        if (run?.pid !== child.pid) return false;
        url = run.address;
        port = String(run.port);
        token = run.token;
        return (await fetch(`${url}/healthz`).catch(() => undefined))?.ok ?? false;
      },
      120_000,
      () => `the collector did not start:\n${printed}`,
    );
    return performance.now() - started;
  }

  /** Resolves with its exit code. @param {NodeJS.Signals} signal */
  async function end(signal) {
    const child = collector;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
    return child.exitCode;
  }

  /** @template Answer @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<Answer>} */
  async function api(method, path, body) {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  return {
    data,
    spool: join(data, 'spool'),
    engine,
    proxy,
    launch,
    start,
    end,
    api,
    pid: () => collector?.pid,
    printed: () => printed,
    url: () => url,
    /** Resolves when the collector is gone, however that happened. */
    async gone() {
      await until(() => !collector || collector.exitCode !== null || collector.signalCode !== null, 60_000);
    },

    /** A site of its own for a fault, with a rule so that a part of its events goes into `intents` too. */
    async site() {
      sites += 1;
      const { id } = await api('POST', '/sites', { domain: 'shop.example', name: `fault ${sites}` });
      await api('POST', `/sites/${id}/rules?unknown=allow`, {
        name: 'Booking abandoned',
        intent: { event: 'booking_start' },
        complete: [{ event: 'booking_done' }],
        wait: '1h',
        enabled: true,
      });
      return { publicId: /** @type {string} */ (id), number: sites };
    },

    /**
     * Visitors of a site.
     * @param {{ publicId: string, number: number }} site
     * @param {{ rate?: number, batch?: number, senders?: number, bytes?: number, everyday?: boolean }} [how] events a second, events
     *   a batch, bytes an event; see load.js
     */
    visitors(site, { rate = 500, batch = 5, senders = 8, bytes = 0, everyday = false } = {}) {
      const ledger = join(folder, `ledger-${site.number}`);
      const name = `f${site.number}-${Math.floor(performance.now())}`;
      const options = { url, site: site.publicId, name, rate, batch, senders, ledger, bytes, everyday };
      const child = spawn(process.execPath, [script('load'), JSON.stringify(options)], {
        stdio: ['pipe', 'ignore', 'inherit'],
      });
      return {
        acknowledged: () => readLedger(ledger).acknowledged.size,
        answers: () => readLedger(ledger),
        async stop() {
          const gone = new Promise((resolve) => child.once('exit', resolve));
          child.stdin.end();
          await gone;
        },
      };
    },

    /** Resolves when everything accepted is in the event database, with how long that took, ms. */
    async drained() {
      const started = performance.now();
      try {
        await until(async () => (await metric(url, 'telltale_spool_pending_rows')) === 0, 120_000);
      } catch {
        const busy = await engine.ask('SELECT elapsed, query FROM system.processes').catch(String);
        const ready = await fetch(`${url}/readyz`).then((response) => response.text(), String);
        const end = collector?.signalCode ?? collector?.exitCode ?? 'runs';
        throw new Error(
          `not drained; event database: ${JSON.stringify(busy)}; collector (${end}): ${ready}\n${printed}`,
        );
      }
      return performance.now() - started;
    },

    /** The same while events keep coming: resolves when the event database is a few seconds behind at most. @param {number} [deadlineMs] */
    async caughtUp(deadlineMs = 120_000) {
      const started = performance.now();
      await until(async () => (await metric(url, 'telltale_spool_oldest_age_seconds')) < 3, deadlineMs);
      return performance.now() - started;
    },

    /** Resolves when questions find all that is acknowledged by now, with how long that took, ms. @param {{ number: number }} site */
    async untilVisible(site) {
      const started = performance.now();
      const { acknowledged } = readLedger(join(folder, `ledger-${site.number}`));
      const events = [...acknowledged.values()].reduce((sum, count) => sum + count, 0);
      await until(async () => {
        const [[stored = '0'] = []] = await engine.ask(
          `SELECT count() FROM events WHERE site_id = ${site.number}`,
          database,
        );
        return Number(stored) >= events;
      }, 120_000);
      return performance.now() - started;
    },

    /** @param {string} name */
    metric: (name) => metric(url, name),

    /** Compares the ledger of a site with what the event database has of it. @param {{ number: number }} site */
    async verdict(site) {
      const { acknowledged, tried, ms } = readLedger(join(folder, `ledger-${site.number}`));
      const pages = new Map([...tried].map(([page, events]) => [hash64(page), { page, events }]));
      let stored = 0;
      let twice = 0;
      const found = new Map();
      for (const [id, seqs, rows] of await engine.ask(
        `SELECT page_id, uniqExact(seq), count() FROM events WHERE site_id = ${site.number} GROUP BY page_id`,
        database,
      )) {
        if (!pages.has(id ?? '')) throw new Error(`a page that nobody sent: ${id}`);
        found.set(pages.get(id ?? '')?.page, Number(seqs));
        stored += Number(rows);
        twice += Number(rows) - Number(seqs);
      }
      let lost = 0;
      let count = 0;
      for (const [page, events] of acknowledged) {
        count += events;
        lost += Math.max(0, events - (found.get(page) ?? 0));
      }
      // What hangs on the events counts them once too: the table of sessions and that of intents.
      const [[inSessions = '0'] = []] = await engine.ask(
        `SELECT sum(events) FROM sessions WHERE site_id = ${site.number}`,
        database,
      );
      const [[intents = '0', onlyIntents = '0'] = []] = await engine.ask(
        `SELECT count(), uniqExact(page_id, seq) FROM intents WHERE site_id = ${site.number}`,
        database,
      );
      twice += Math.abs(Number(inSessions) - stored) + Number(intents) - Number(onlyIntents);
      return { acknowledged: count, stored, lost, twice, p99: percentile(ms, 0.99) };
    },

    /** Segments that were inserted more than once with other bytes. */
    changedSegments() {
      /** @type {Map<string, string>} */
      const hashes = new Map();
      let changed = 0;
      for (const line of readText(insertLog).split('\n').filter(Boolean)) {
        const [id = '', hash = ''] = line.split(' ');
        if ((hashes.get(id) ?? hash) !== hash) changed += 1;
        hashes.set(id, hash);
      }
      return changed;
    },

    async close() {
      await end('SIGKILL');
      proxy.close();
    },
  };
}

/** @param {string} url @param {string} name */
async function metric(url, name) {
  const text = await fetch(`${url}/metrics`)
    .then((response) => response.text())
    .catch(() => '');
  const value = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1];
  return value === undefined ? Number.NaN : Number(value);
}

/** @param {string} path */
function readLedger(path) {
  /** @type {Map<string, number>} events by page */
  const acknowledged = new Map();
  /** @type {Map<string, number>} */
  const tried = new Map();
  /** @type {Map<number, number>} */
  const statuses = new Map();
  /** @type {number[]} */
  const ms = [];
  for (const line of readText(path).split('\n').slice(0, -1)) {
    const [page = '', events, status, took] = line.split(' ');
    tried.set(page, Number(events));
    statuses.set(Number(status), (statuses.get(Number(status)) ?? 0) + 1);
    if (status !== '202') continue;
    acknowledged.set(page, Number(events));
    ms.push(Number(took));
  }
  return { acknowledged, tried, statuses, ms };
}

/** @param {number[]} values @param {number} share */
function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** @param {string} path */
function readJson(path) {
  const text = readText(path);
  return text ? JSON.parse(text) : undefined;
}
