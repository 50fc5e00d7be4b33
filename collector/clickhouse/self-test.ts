import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ClickHouse } from './client.ts';
import { Sql, sql } from './sql.ts';

/**
 * Checks that this server drops a repeated batch, which every promise about exact counts rests on: sends one row twice with
 * one token to a throw-away table. Throws a sentence that names the likely cause.
 */
export async function dedupSelfTest(clickhouse: ClickHouse): Promise<void> {
  const table = `dedup_self_test_${randomUUID().replaceAll('-', '')}`;
  await clickhouse.command(
    `CREATE TABLE ${table} (n UInt8) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 100`,
  );
  try {
    const lines = () => Readable.from([Buffer.from('{"n":1}\n')]);
    await clickhouse.insertLines({ table, token: table, lines });
    await clickhouse.insertLines({ table, token: table, lines });
    const { rows } = await clickhouse.query<{ count: number }>(
      sql`SELECT toUInt32(count()) AS count FROM ${new Sql([table])}`,
      {
        name: 'dedup-self-test',
      },
    );
    const count = rows[0]?.count ?? 0;
    if (count !== 1) throw new Error(notDeduplicated(count));
  } finally {
    await clickhouse.command(`DROP TABLE IF EXISTS ${table}`);
  }
}

function notDeduplicated(count: number): string {
  return `ClickHouse stored ${count} rows after the same batch was sent twice; it must be 1, or retries would count events twice. The likely cause: a proxy or a load balancer without sticky sessions in front of several servers that do not share this table, or a user profile that pins deduplicate_insert or insert_deduplicate. Give Telltale one server, or remove these settings.`;
}
