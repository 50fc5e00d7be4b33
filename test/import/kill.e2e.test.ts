import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { build } from '../../scripts/build.js';

const command = fileURLToPath(new URL('../../bin/telltale.js', import.meta.url));

beforeAll(async () => {
  await build({ only: ['collector', 'tracker'] });
});

test('import: killed with -9 in the middle and run again, each event is stored exactly once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const data = join(folder, 'data');
  const file = join(folder, 'history.ndjson');
  const events = 120_000;
  writeFileSync(file, Array.from({ length: events }, (_, index) => line(index)).join(''));
  const site = JSON.parse((await finished(['site', 'add', 'example.com', '--json', '--data', data])).stdout) as {
    id: string;
  };
  const importing = ['import', file, '--site', site.id, '--data', data];

  for (const percent of [40, 70]) {
    const child = spawn(process.execPath, [command, ...importing], { stdio: ['ignore', 'ignore', 'pipe'] });
    for await (const piece of child.stderr) {
      if (String(piece).includes(`${percent} %`)) break;
    }
    child.kill('SIGKILL');
    if (child.signalCode === null) await once(child, 'exit');
  }
  const again = await finished(importing);
  const [, kept = '', duplicates = '0'] =
    /kept (\d+), dropped (?:none|\d+ \(duplicate (\d+)\))/.exec(again.stdout) ?? [];
  expect(Number(kept) + Number(duplicates)).toBe(events);
  expect(Number(duplicates)).toBeGreaterThan(0);

  const exported = (await finished(['export', '--site', site.id, '--data', data])).stdout.trim().split('\n');
  const ids = new Set(exported.map((text) => (JSON.parse(text) as { id: string }).id));
  console.log(
    `2 kills, ${events} events: stored ${exported.length}, different ${ids.size}, kept by the last run ${kept}`,
  );
  expect([exported.length, ids.size]).toEqual([events, events]);
});

function line(index: number): string {
  const at = Date.UTC(2025, 0, 1) + index * 60_000;
  const event = {
    id: `e${index}`,
    name: 'pageview',
    at,
    visitor: `v${index % 900}`,
    url: `https://example.com/${index % 50}`,
  };
  return `${JSON.stringify(event)}\n`;
}

async function finished(args: string[]): Promise<{ stdout: string }> {
  const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece) => {
    stdout += piece;
  });
  child.stderr.on('data', (piece) => {
    stderr += piece;
  });
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`telltale ${args[0]} ended with ${status}: ${stderr}`);
  return { stdout };
}
