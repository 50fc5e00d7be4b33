// @ts-check
// `npm run chaos [-- --quick] [-- --only 'kill collector']`: kills, cuts and fills everything an event passes on its way, and counts
// what of the acknowledged events is missing (LOST) or there twice (DUP). Every fault is explained where it is, in chaos/faults-of-….js.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { faultsOfDatabase } from './chaos/faults-of-database.js';
import { faultsOfDisk } from './chaos/faults-of-disk.js';
import { faultsOfProcesses } from './chaos/faults-of-processes.js';
import { openEngine, openWorld } from './chaos/world.js';

const faults = { ...faultsOfProcesses, ...faultsOfDatabase, ...faultsOfDisk };

/**
 * Runs the faults one after the other on one installation.
 * @param {{ quick?: boolean, only?: string[], onRow?: (row: Row) => void }} [options] `quick`: a few runs of each, in about a minute
 * @typedef {{ fault: string, runs: number, acknowledged: number, lost: number, dup: number, setAside: number, recovery50: number,
 *   recovery100: number, p99: number, changed: number, note: string }} Row
 */
export async function chaos({ quick = false, only = Object.keys(faults), onRow = () => {} } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-chaos-'));
  const engine = await openEngine(join(folder, 'engine'));
  const world = await openWorld({ folder, engine });
  /** @type {Row[]} */
  const rows = [];
  try {
    await world.start();
    for (const name of only) {
      const fault = faults[name];
      if (!fault) throw new Error(`There is no fault "${name}". Faults: ${Object.keys(faults).join(', ')}.`);
      const runs = quick ? fault.runs.quick : fault.runs.full;
      if (runs === 0) continue;
      const row = toRow(
        name,
        await fault.run({ runs, world, folder, quick }).then(async (outcome) => {
          if (outcome.verdict) return { ...outcome, verdict: outcome.verdict };
          await world.drained();
          return { ...outcome, verdict: await world.verdict(outcome.site) };
        }),
        world.changedSegments(),
      );
      rows.push(row);
      onRow(row);
    }
  } finally {
    await world.close();
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

/**
 * @param {string} fault
 * @param {import('./chaos/fault.js').Outcome & { verdict: import('./chaos/fault.js').Verdict }} outcome
 * @param {number} changed
 * @returns {Row}
 */
function toRow(fault, { runs, recoveryMs, setAside = 0, note = '', verdict }, changed) {
  const sorted = [...recoveryMs].sort((a, b) => a - b);
  return {
    fault,
    runs,
    acknowledged: verdict.acknowledged,
    // What was set aside is on the disk with its reason, so it is not lost.
    lost: verdict.lost - setAside,
    dup: verdict.twice,
    setAside,
    recovery50: (sorted[Math.floor(sorted.length / 2)] ?? 0) / 1000,
    recovery100: (sorted.at(-1) ?? 0) / 1000,
    p99: Math.round(verdict.p99),
    changed,
    note,
  };
}

/** @param {Row} row */
function toLine({ fault, runs, acknowledged, lost, dup, setAside, recovery50, recovery100, p99, note }) {
  const cells = [
    fault,
    runs,
    acknowledged.toLocaleString('en'),
    lost,
    dup,
    setAside || '',
    `${recovery50.toFixed(1)} s`,
    `${recovery100.toFixed(1)} s`,
    `${p99} ms`,
    note,
  ];
  return `| ${cells.join(' | ')} |`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string', multiple: true } } });
  const started = performance.now();
  console.log(
    '| fault | runs | acknowledged | LOST | DUP | set aside | recovery, median | longest | 202 after, p99 | |',
  );
  console.log('|---|---:|---:|---:|---:|---:|---:|---:|---:|---|');
  const rows = await chaos({
    quick: values.quick ?? false,
    ...(values.only ? { only: values.only } : {}),
    onRow: (row) => console.log(toLine(row)),
  });
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(JSON.stringify({ bench: 'chaos', seconds, rows }));
  const wrong = rows.filter(({ lost, dup, changed }) => lost !== 0 || dup !== 0 || changed !== 0);
  process.exit(wrong.length === 0 ? 0 : 1);
}
