import { readdirSync, readFileSync } from 'node:fs';
import type Database from 'libsql';

const folder = new URL('./migrations/', import.meta.url);

/**
 * Runs the numbered `.sql` files of `migrations/` that this store has not seen, in order, each in a transaction of its own.
 * Throws when the store was written by a newer Telltale: running old code on new tables would lose data quietly.
 */
export function migrate(database: Database.Database): void {
  database.exec(
    'CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL) STRICT',
  );
  const applied = new Set(
    (database.prepare('SELECT name FROM schema_migrations').all() as { name: string }[]).map((row) => row.name),
  );
  const known = readdirSync(folder)
    .filter((name) => /^\d{3}_.+\.sql$/.test(name))
    .sort();
  const newer = [...applied].filter((name) => !known.includes(name));
  if (newer.length > 0) {
    throw new Error(
      `a newer version of Telltale has changed it (${newer.join(', ')}). Start that version or a later one.`,
    );
  }
  for (const name of known) {
    if (!applied.has(name)) apply(database, name);
  }
}

function apply(database: Database.Database, name: string): void {
  // IMMEDIATE takes the write lock first, so that two processes opening a new store do not both create its tables.
  database.exec('BEGIN IMMEDIATE');
  try {
    const done = database.prepare('SELECT name FROM schema_migrations WHERE name = ?').all(name);
    if (done.length === 0) {
      database.exec(readFileSync(new URL(name, folder), 'utf8'));
      database
        .prepare("INSERT INTO schema_migrations (name, applied_at) VALUES (?, strftime('%Y-%m-%dT%H:%M:%fZ'))")
        .run(name);
    }
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}
