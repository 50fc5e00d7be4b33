import { readdir, readFile } from 'node:fs/promises';
import type { ClickHouse } from './client.ts';
import { sql } from './sql.ts';

const folder = new URL('./migrations/', import.meta.url);

/**
 * Makes the database and brings its tables to the newest version: the numbered files of `migrations/`, each once, in order.
 * Safe to repeat, also after a crash in the middle: every statement must be one that may run twice (IF NOT EXISTS).
 */
export async function migrate(clickhouse: ClickHouse, { database }: { database: string }): Promise<void> {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(database)) {
    throw new Error(`"${database}" cannot be the name of a ClickHouse database: use letters, digits and _.`);
  }
  await clickhouse.command(`CREATE DATABASE IF NOT EXISTS ${database}`, {}, { database: 'default' });
  await clickhouse.command(
    `CREATE TABLE IF NOT EXISTS schema_migrations (version UInt32, name String, applied_at DateTime DEFAULT now())
     ENGINE = MergeTree ORDER BY version`,
  );
  const { rows } = await clickhouse.query<{ version: number }>(sql`SELECT DISTINCT version FROM schema_migrations`, {
    name: 'migrations',
  });
  const server = await serverVersion(clickhouse);
  const applied = new Set(rows.map((row) => row.version));
  for (const file of await migrationFiles()) {
    if (applied.has(file.version)) continue;
    for (const statement of splitStatements(forServer(await readFile(new URL(file.name, folder), 'utf8'), server))) {
      await clickhouse.command(statement);
    }
    await clickhouse.command(`INSERT INTO schema_migrations (version, name) VALUES (${file.version}, '${file.name}')`, {
      async_insert: 0,
    });
  }
}

/** The statements of a file: each ends with `;` at the end of a line. Comment lines are left out. */
export function splitStatements(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('--'))
    .join('\n')
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/** Without the lines that end with `-- since ClickHouse 25.8` where the server is older than that. */
export function forServer(text: string, server: readonly [number, number]): string {
  return text
    .split('\n')
    .filter((line) => {
      const since = /-- since ClickHouse (\d+)\.(\d+)\s*$/.exec(line);
      if (!since) return true;
      const [year, month] = [Number(since[1]), Number(since[2])];
      return server[0] > year || (server[0] === year && server[1] >= month);
    })
    .map((line) => line.replace(/-- since ClickHouse [\d.]+\s*$/, '').trimEnd())
    .join('\n');
}

async function serverVersion(clickhouse: ClickHouse): Promise<[number, number]> {
  const { rows } = await clickhouse.query<{ version: string }>(sql`SELECT version() AS version`, { name: 'version' });
  const [year = 0, month = 0] = (rows[0]?.version ?? '').split('.').map(Number);
  return [year, month];
}

async function migrationFiles(): Promise<{ version: number; name: string }[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => /^\d+_[a-z0-9_]+\.sql$/.test(name))
    .sort()
    .map((name) => ({ version: Number.parseInt(name, 10), name }));
}
