import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Small pure files at the top of collector/ that every part may use. */
const common = [
  'collector/errors.ts',
  'collector/group-by.ts',
  'collector/hash.ts',
  'collector/log.ts',
  'collector/metrics.ts',
  'collector/timed-work.ts',
];

/** Who may import whom: the area on the left imports from itself, `common`, and the areas on the right. */
const mayImport: Record<string, string[]> = {
  tracker: ['collector/contract'],
  dashboard: ['collector/contract'],
  'collector/contract': [],
  'collector/clickhouse': ['collector/contract'],
  'collector/spool': ['collector/contract'],
  'collector/state': ['collector/contract'],
  'collector/ingest': ['collector/contract', 'collector/spool', 'collector/state'],
  'collector/import': [
    'collector/contract',
    'collector/clickhouse',
    'collector/ingest',
    'collector/spool',
    'collector/state',
  ],
  'collector/queries': ['collector/contract', 'collector/clickhouse'],
  'collector/backup': ['collector/contract', 'collector/clickhouse', 'collector/spool', 'collector/state'],
  'collector/retention': ['collector/contract', 'collector/clickhouse', 'collector/queries', 'collector/state'],
  'collector/webhooks': ['collector/contract', 'collector/state'],
  'collector/install': [
    'collector/contract',
    'collector/clickhouse',
    'collector/queries',
    'collector/ingest/draft.ts',
    'collector/ingest/page-path.ts',
    'collector/state/sites.ts',
    'collector/webhooks/address-guard.ts',
    'collector/webhooks/guarded-request.ts',
  ],
  'collector/leads': [
    'collector/contract',
    'collector/clickhouse',
    'collector/queries',
    'collector/state',
    'collector/webhooks/outbox.ts',
  ],
  'collector/leaks': [
    'collector/contract',
    'collector/clickhouse',
    'collector/queries',
    'collector/state',
    'collector/webhooks/outbox.ts',
  ],
  'collector/reports': [
    'collector/contract',
    'collector/clickhouse',
    'collector/queries',
    'collector/state',
    'collector/leads',
    'collector/leaks',
    'collector/detection/summary.ts',
    'collector/webhooks/outbox.ts',
  ],
  'collector/detection': [
    'collector/contract',
    'collector/clickhouse',
    'collector/queries',
    'collector/state',
    'collector/leads',
    'collector/webhooks/outbox.ts',
  ],
};

/** Areas that wire others together may import all but these two. */
const wiring = ['collector/routes', 'collector/cli', 'collector/demo'];
const neverImported = ['collector/main.ts'];

const areas = [...Object.keys(mayImport), ...wiring];

test('imports go in the direction of the design, and nowhere else', () => {
  const wrong: string[] = [];
  for (const file of sourceFiles(['collector', 'tracker', 'dashboard'])) {
    const area = areas.find((name) => file.startsWith(`${name}/`));
    for (const imported of importsOf(file)) {
      if (neverImported.includes(imported)) wrong.push(`${file} imports ${imported}`);
      if (!area || imported.startsWith(`${area}/`) || common.includes(imported)) continue;
      const allowed = mayImport[area];
      if (allowed && !allowed.some((name) => imported === name || imported.startsWith(`${name}/`)))
        wrong.push(`${file} imports ${imported}`);
      if (!allowed && imported === 'collector/app.ts') wrong.push(`${file} imports ${imported}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('tracker and dashboard take only types from the contract, and the limits', () => {
  const wrong: string[] = [];
  for (const file of sourceFiles(['tracker', 'dashboard'])) {
    for (const { statement, target } of statementsOf(file)) {
      if (!target.startsWith('collector/')) continue;
      const typeOnly = /^(import|export)\s+type\b/.test(statement);
      if (!typeOnly && target !== 'collector/contract/limits.ts') wrong.push(`${file}: ${statement}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('the tracker has no dependency, and the contract only zod', () => {
  const wrong: string[] = [];
  for (const file of sourceFiles(['tracker', 'collector/contract'])) {
    const allowed = file.startsWith('tracker/') ? [] : ['zod'];
    for (const name of packagesOf(file)) if (!allowed.includes(name)) wrong.push(`${file} imports ${name}`);
  }
  expect(wrong).toEqual([]);
});

test('only main.ts reads the environment, handles signals or ends the process', () => {
  const wrong = sourceFiles(['collector']).filter(
    (file) =>
      file !== 'collector/main.ts' &&
      !file.endsWith('engine-child.js') &&
      /\bprocess\.(env|exit|on)\b/.test(read(file)),
  );
  expect(wrong).toEqual([]);
});

test('zod is imported as a namespace, because `{ z }` costs four times the bytes', () => {
  const wrong = sourceFiles(['collector', 'dashboard']).filter((file) => /import\s*\{\s*z\s*\}/.test(read(file)));
  expect(wrong).toEqual([]);
});

function sourceFiles(folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|tsx|js)$/.test(entry.name))
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  );
}

function statementsOf(file: string): { statement: string; target: string }[] {
  const pattern =
    /^\s*(?:import|export)\b[^;'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|^import\s*['"]([^'"]+)['"]/gm;
  return [...read(file).matchAll(pattern)].map((found) => {
    const name = found[1] ?? found[2] ?? found[3] ?? '';
    const target = name.startsWith('.') ? relative(root, resolve(root, dirname(file), name)) : name;
    return { statement: found[0].trim(), target };
  });
}

function importsOf(file: string): string[] {
  return statementsOf(file)
    .map(({ target }) => target)
    .filter((target) => /^(collector|tracker|dashboard)\//.test(target));
}

function packagesOf(file: string): string[] {
  return statementsOf(file)
    .map(({ target }) => target)
    .filter((target) => !/^(collector|tracker|dashboard)\//.test(target));
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}
