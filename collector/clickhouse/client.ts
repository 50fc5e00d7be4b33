import { randomBytes } from 'node:crypto';
import { PassThrough, pipeline, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ClickHouseError, ClickHouseLogLevel, type ClickHouseSettings, createClient } from '@clickhouse/client';
import { AppError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { currentScope } from './question-scope.ts';
import { render, type Sql } from './sql.ts';

export interface QueryAnswer<Row> {
  rows: Row[];
  elapsedMs: number;
  rowsRead: number;
  bytesRead: number;
}

export interface ClickHouse {
  /**
   * Runs a read. `name` becomes log_comment. UInt64 and Int64 columns arrive as decimal text: convert counts explicitly.
   * Throws AppError('database_unavailable' | 'query_too_heavy').
   */
  query<Row>(statement: Sql, options: { name: string; signal?: AbortSignal }): Promise<QueryAnswer<Row>>;
  /** DDL and other statements without rows. `database` is for the moment before ours exists. */
  command(text: string, settings?: Record<string, string | number>, options?: { database?: string }): Promise<void>;
  /**
   * Inserts newline-delimited JSON (unknown fields skipped) as one block. Safe to repeat with the same token and the same
   * bytes. Throws an Error with `permanent: true` where the data itself is refused, so that repeating cannot help.
   */
  insertLines(options: { table: string; token: string; lines: () => NodeJS.ReadableStream }): Promise<void>;
  /** The same with one block in the format Native. */
  insertBlock(options: { table: string; token: string; block: readonly Buffer[] }): Promise<void>;
  /** All rows of a table in the format Native, compressed and with checksums as ClickHouse does itself; for `fillTable`. */
  dumpTable(table: string): Promise<Readable>;
  /** Inserts what `dumpTable` gave. Not safe to repeat. */
  fillTable(table: string, dump: Readable): Promise<void>;
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

export interface ClickHouseOptions {
  url: string;
  user: string;
  password: string;
  database: string;
  /** A second account that may only read. Without it reads use the first account, with the same limits as settings. */
  reader?: { user: string; password: string };
  /** An insert that takes longer has failed for us; ClickHouse may have it all the same. */
  insertTimeoutMs?: number;
  log: Logger;
}

/** What a question may cost, so that one of them cannot take the server from the others. */
export const readLimits = {
  max_execution_time: 10,
  max_memory_usage: '2000000000',
  max_result_rows: '200000',
} as const;

/** Silence after which a connection is given up. */
const patienceMs = 120_000;

/** An insert whose data ClickHouse refuses; the same bytes will be refused again. */
export class RefusedInsert extends Error {
  readonly permanent = true;
}

export function createClickHouse(options: ClickHouseOptions): ClickHouse {
  const connect = (account: { user: string; password: string }, database: string, requestTimeoutMs: number) =>
    createClient({
      url: options.url,
      username: account.user,
      password: account.password,
      database,
      application: 'telltale',
      request_timeout: requestTimeoutMs,
      use_multipart_params_auto: true,
      // The default logger writes to the console, and the same error is thrown to us anyway.
      log: { level: ClickHouseLogLevel.OFF },
    });
  const writer = connect(options, options.database, patienceMs);
  // Longer than max_execution_time, so that the server's own sentence arrives first.
  const reader = connect(options.reader ?? options, options.database, 15_000);
  // Makes query ids different between statements, and between servers that share a database.
  const processId = `${randomBytes(4).toString('hex')}-`;
  let queries = 0;
  let knownSettings: Promise<Set<string>> | undefined;

  /** Names that only some server versions know: an unknown setting would fail the insert. */
  function optionalSettings(): Promise<Set<string>> {
    knownSettings ??= writer
      .query({
        query: 'SELECT name FROM system.settings WHERE name IN {names:Array(String)}',
        query_params: { names: Object.keys(insertSettingsOfSomeVersions) },
        format: 'JSONEachRow',
      })
      .then((answer) => answer.json<{ name: string }>())
      .then((rows) => new Set(rows.map((row) => row.name)))
      .catch((error: unknown) => {
        knownSettings = undefined;
        throw error;
      });
    return knownSettings;
  }

  async function insert({ into, token, body }: { into: string; token: string; body: NodeJS.ReadableStream }) {
    try {
      const known = await optionalSettings();
      const optional = Object.entries(insertSettingsOfSomeVersions).filter(([name]) => known.has(name));
      const answer = await writer.exec({
        query: `INSERT INTO ${into}`,
        // The client accepts only its own kind of readable here; a PassThrough also carries an error of the source along.
        values: pipeline(body, new PassThrough(), () => undefined),
        abort_signal: AbortSignal.timeout(options.insertTimeoutMs ?? patienceMs),
        clickhouse_settings: {
          ...insertSettings,
          ...Object.fromEntries(optional),
          insert_deduplication_token: token,
        } as ClickHouseSettings,
      });
      await finished(answer.stream.resume());
    } catch (error) {
      if (isRefusedData(error))
        throw new RefusedInsert(`ClickHouse refused rows for ${into}: ${error.message}`, { cause: error });
      throw toAppError(error);
    }
  }

  return {
    async query<Row>(statement: Sql, { name, signal: own }: { name: string; signal?: AbortSignal }) {
      const { text, params } = render(statement);
      const scope = currentScope();
      const signal = scope && own ? AbortSignal.any([scope.signal, own]) : (scope?.signal ?? own);
      queries += 1;
      try {
        const result = await reader.query({
          query: text,
          query_params: params,
          format: 'JSON',
          ...(signal ? { abort_signal: signal } : {}),
          ...(scope ? { query_id: `${scope.prefix}${processId}${queries}` } : {}),
          clickhouse_settings: {
            ...readSettings,
            ...(options.reader ? {} : readLimits),
            log_comment: name,
          },
        });
        const answer = await result.json<Row>();
        return {
          rows: answer.data,
          elapsedMs: Math.round((answer.statistics?.elapsed ?? 0) * 1000),
          rowsRead: answer.statistics?.rows_read ?? 0,
          bytesRead: answer.statistics?.bytes_read ?? 0,
        };
      } catch (error) {
        if (scope?.signal.aborted || isCancelled(error)) throw new AppError('cancelled', { cause: error });
        if (own?.aborted) throw error;
        options.log.warn({ err: error, query: name }, 'a question to the event database failed');
        throw toAppError(error);
      }
    },

    async command(text, settings = {}, { database } = {}) {
      const client = database === undefined ? writer : connect(options, database, patienceMs);
      try {
        await client.command({
          query: text,
          clickhouse_settings: { wait_end_of_query: 1, ...settings } as ClickHouseSettings,
        });
      } catch (error) {
        throw toAppError(error);
      } finally {
        if (client !== writer) await client.close();
      }
    },

    insertLines: ({ table, token, lines }) => insert({ into: `${table} FORMAT JSONEachRow`, token, body: lines() }),

    insertBlock: ({ table, token, block }) =>
      insert({ into: `${table} FORMAT Native`, token, body: Readable.from(block, { objectMode: false }) }),

    async dumpTable(table) {
      try {
        const { stream } = await writer.exec({
          query: `SELECT * FROM ${table} FORMAT Native`,
          clickhouse_settings: { compress: 1, max_execution_time: 0 } as ClickHouseSettings,
        });
        return stream;
      } catch (error) {
        throw toAppError(error);
      }
    },

    async fillTable(table, dump) {
      try {
        const { stream } = await writer.exec({
          query: `INSERT INTO ${table} FORMAT Native`,
          values: pipeline(dump, new PassThrough(), () => undefined),
          clickhouse_settings: {
            decompress: 1,
            async_insert: 0,
            // Blocks of a dump that are alike are no repeats.
            insert_deduplicate: 0,
            wait_end_of_query: 1,
            max_partitions_per_insert_block: '0',
            input_format_skip_unknown_fields: 1,
          } as ClickHouseSettings,
        });
        await finished(stream.resume());
      } catch (error) {
        throw toAppError(error);
      }
    },

    async ping() {
      return (await writer.ping()).success;
    },

    async close() {
      await Promise.all([writer.close(), reader.close()]);
    },
  };
}

const readSettings = {
  // The whole answer or an error with its status: never half a JSON document.
  wait_end_of_query: 1,
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_denormals: 0,
  // ClickHouse otherwise works on after whoever asked has gone.
  cancel_http_readonly_queries_on_client_close: 1,
  // Every question has other constants, so compiled expressions are rarely used twice: compiling cost 50–200 ms, now and then.
  compile_expressions: 0,
} satisfies ClickHouseSettings;

/**
 * ClickHouse recognizes a repeated insert by (token, block number, partition). Everything that decides how rows become
 * blocks is therefore pinned: one insert is one block for each partition, whatever the server's profile says.
 */
const insertSettings = {
  async_insert: 0,
  insert_deduplicate: 1,
  wait_end_of_query: 1,
  max_insert_block_size: '1048449',
  min_insert_block_size_rows: '1048449',
  min_insert_block_size_bytes: '268402944',
  max_insert_threads: '1',
  input_format_parallel_parsing: 0,
  input_format_skip_unknown_fields: 1,
  date_time_input_format: 'best_effort',
  // An import of years of history touches more than the default of 100 months.
  max_partitions_per_insert_block: '0',
} satisfies ClickHouseSettings;

const insertSettingsOfSomeVersions = {
  // Since 26.2, where it overrides insert_deduplicate.
  deduplicate_insert: 'enable',
  // The view that fills `sessions` gets a repeated batch too, so that it also gets what a crash kept from it the first time; its
  // own table then drops what it has.
  deduplicate_blocks_in_dependent_materialized_views: 1,
  materialized_views_ignore_errors: 0,
  parallel_view_processing: 0,
  // One lone surrogate in a title must not cost the other rows of the batch.
  input_format_json_throw_on_bad_escape_sequence: 0,
};

/** ClickHouse's codes for "too slow" and "too big": 158 159 160 191 241 307 396. */
const tooHeavy = new Set(['158', '159', '160', '191', '241', '307', '396']);
/** Codes for "not now": too many queries, network, no connections, no threads, pool shut down. */
const notNow = new Set(['202', '209', '210', '279', '439', '236', '735']);
/** Codes for data that cannot be stored: parsing, types, ranges, unknown columns. */
const refused = new Set([
  '6',
  '25',
  '26',
  '27',
  '38',
  '41',
  '43',
  '53',
  '69',
  '70',
  '72',
  '117',
  '131',
  '321',
  '349',
  '441',
]);

function isRefusedData(error: unknown): error is ClickHouseError {
  if (!(error instanceof ClickHouseError)) return false;
  // TRICKY: 252 is both "too many partitions in one insert" (the data) and "too many parts, merges lag behind" (the moment).
  return refused.has(error.code) || (error.code === '252' && error.message.includes('partitions'));
}

/** 394: somebody ended the query. */
function isCancelled(error: unknown): boolean {
  return error instanceof ClickHouseError && error.code === '394';
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  // An answer of the HTTP layer in front of the SQL: the server is there and our request is wrong.
  const refusedByHttp = error instanceof Error && error.message.startsWith('Poco::Exception');
  if (refusedByHttp) return new AppError('internal', { cause: error });
  if (!(error instanceof ClickHouseError))
    return new AppError('database_unavailable', { cause: error, retryAfterSeconds: 5 });
  if (tooHeavy.has(error.code)) return new AppError('query_too_heavy', { cause: error });
  if (notNow.has(error.code)) return new AppError('database_unavailable', { cause: error, retryAfterSeconds: 5 });
  return new AppError('internal', { cause: error });
}
