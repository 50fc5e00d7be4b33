import { dirname, join } from 'node:path';
import { Kysely, type SqliteDatabase, SqliteDialect } from 'kysely';
import Database from 'libsql';
import { migrate } from './migrate.ts';
import type { StateSchema } from './schema.ts';
import { createSecretBox, type SecretBox } from './secret-box.ts';

/** Sites, users, rules, cases and the outbox: everything that must be transactional and is not an event. */
export interface State {
  db: Kysely<StateSchema>;
  /** For what must not be read from a copy of the store. Its key is in `secret.key` beside it. */
  box: SecretBox;
  /** Leaves one complete file. Safe to call twice. */
  close(): Promise<void>;
}

/** How long a statement waits for another process that is writing, such as a command next to a running server. */
const busyTimeoutMs = 5_000;

/**
 * Opens (or makes) the state store in `file` and brings its tables up to date; `:memory:` keeps nothing.
 * Throws with one sentence for a person when the file cannot be read.
 */
export function openState(file: string): State {
  const database = openFile(file);
  const db = new Kysely<StateSchema>({ dialect: new SqliteDialect({ database: refuseBooleans(database) }) });
  let open = true;
  return {
    db,
    box: createSecretBox(file === ':memory:' ? null : join(dirname(file), 'secret.key')),
    async close() {
      if (!open) return;
      open = false;
      // TRICKY: libsql lets go of the file only when its statements are collected, so it does not fold the log in by itself.
      try {
        database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      } catch {
        // A full disk, for one. The log stays beside the file and is read at the next start.
      }
      await db.destroy();
    },
  };
}

function openFile(file: string): Database.Database {
  let database: Database.Database | undefined;
  try {
    database = new Database(file);
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    database.exec('PRAGMA journal_mode = WAL');
    // FULL, not NORMAL: a message in the outbox must survive a power cut, not only a crash of the process.
    database.exec('PRAGMA synchronous = FULL');
    // Pages, 32 MB. The outbox changes the same pages many times, and each copies back but once.
    database.exec('PRAGMA wal_autocheckpoint = 8000');
    database.exec('PRAGMA foreign_keys = ON');
    migrate(database);
    return database;
  } catch (cause) {
    database?.close();
    throw new Error(`The state store ${file} cannot be opened: ${reasonOf(cause)}`, { cause });
  }
}

/** The outbox runs the same few statements hundreds of times a second; preparing one costs about as much as running it. */
const mostPrepared = 200;

interface Prepared {
  statement: Database.Statement;
  reader: boolean;
}

/** TRICKY: libsql aborts the whole process when a boolean is bound (its native code panics), so one never reaches it. */
function refuseBooleans(database: Database.Database): SqliteDatabase {
  const checked = (parameters: readonly unknown[]): unknown[] => {
    if (parameters.some((value) => typeof value === 'boolean')) {
      throw new TypeError('The state store has no booleans: write 0 or 1.');
    }
    return [...parameters];
  };
  const prepared = new Map<string, Prepared>();
  const prepare = (sql: string): Prepared => {
    const known = prepared.get(sql);
    if (known) return known;
    const statement = database.prepare(sql);
    const fresh = { statement, reader: statement.reader };
    if (prepared.size >= mostPrepared) prepared.clear();
    prepared.set(sql, fresh);
    return fresh;
  };
  return {
    close() {
      prepared.clear();
      database.close();
    },
    prepare(sql) {
      const { statement, reader } = prepare(sql);
      return {
        reader,
        all: (parameters) => statement.all(checked(parameters)),
        run: (parameters) => statement.run(checked(parameters)),
        // One of its own: rows are read from it while other statements run.
        iterate: (parameters) => database.prepare(sql).iterate(checked(parameters)),
      };
    },
  };
}

function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (/not a database|malformed|corrupt/i.test(text)) {
    return 'the file is damaged or is not a Telltale state store. Put back a backup, or move the file away to start empty.';
  }
  if (/unable to open|ConnectionFailed|permission|readonly|read-only/i.test(text)) {
    return 'the folder is missing or may not be written. Check its owner and permissions.';
  }
  if (/locked|busy/i.test(text)) return 'another program is writing to it. Stop that program and try again.';
  return text;
}
