import type { ProgressAnswer } from '../contract/overview.ts';
import type { ClickHouse } from './client.ts';
import { param, sql } from './sql.ts';

/** How far the statements are whose query id begins so; zeros when none runs. */
export async function progressOf(clickhouse: ClickHouse, prefix: string): Promise<ProgressAnswer> {
  const { rows } = await clickhouse.query<ProgressAnswer>(
    sql`SELECT toFloat64(sum(read_rows)) AS rowsRead, toFloat64(sum(greatest(total_rows_approx, read_rows))) AS rowsTotal,
  toFloat64(round(max(elapsed) * 1000)) AS elapsedMs, toFloat64(count()) AS queries
FROM system.processes
WHERE startsWith(query_id, ${param.string(prefix)})`,
    { name: 'progress' },
  );
  return rows[0] ?? { rowsRead: 0, rowsTotal: 0, elapsedMs: 0, queries: 0 };
}

/** Ends the statements whose query id begins so. They fail with ClickHouse's "query was cancelled". */
export async function killQueries(clickhouse: ClickHouse, prefix: string): Promise<void> {
  if (!/^[0-9a-f-]+$/.test(prefix)) throw new Error(`not the start of a query id: ${prefix}`);
  // ASYNC: whoever cancels does not wait until every thread has noticed.
  await clickhouse.command(`KILL QUERY WHERE startsWith(query_id, '${prefix}') ASYNC`);
}
