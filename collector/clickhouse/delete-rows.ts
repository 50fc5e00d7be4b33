import type { ClickHouse } from './client.ts';

/** The tables that hold what visitors did. The events last: as long as they are there, whatever was broken off is tried again. */
const tables = ['intents', 'sessions', 'events'] as const;

/** Deletes rows for which the condition of their table is true, and waits until they are gone. Safe to repeat. */
export async function deleteRows(
  clickhouse: Pick<ClickHouse, 'command'>,
  condition: (table: (typeof tables)[number]) => string,
): Promise<void> {
  for (const table of tables)
    await clickhouse.command(`ALTER TABLE ${table} DELETE WHERE ${condition(table)}`, { mutations_sync: 2 });
}
