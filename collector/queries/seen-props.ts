import type { ClickHouse } from '../clickhouse/client.ts';
import { param, type Sql, sql } from '../clickhouse/sql.ts';
import type { SeenPropsAnswer } from '../contract/overview.ts';
import { withinSql } from './range.ts';

/*
 * Which properties has an event had lately: what can it be broken down by?
 *
 * One row for each property key of the event in the last 30 days, most frequent first, at most 100:
 *   key     as in `prop:KEY`
 *   count   events that carry it
 */

export interface SeenPropsQuestion {
  siteId: number;
  nowMs: number;
  event: string;
}

const lookBackMs = 30 * 86_400_000;
const shown = 100;

export function seenPropsSql({ siteId, nowMs, event }: SeenPropsQuestion): Sql {
  const rows = withinSql(siteId, { fromMs: nowMs - lookBackMs, toMs: nowMs + 86_400_000 });
  return sql`
SELECT toString(arrayJoin(mapKeys(props))) AS key, toFloat64(count()) AS count
FROM events
WHERE ${rows} AND name = ${param.string(event)}
GROUP BY key
ORDER BY count DESC, key
LIMIT ${param.uint32(shown)}`;
}

export async function seenProps(clickhouse: ClickHouse, question: SeenPropsQuestion): Promise<SeenPropsAnswer> {
  const { rows } = await clickhouse.query<SeenPropsAnswer['items'][number]>(seenPropsSql(question), {
    name: 'seen-props',
  });
  return { items: rows };
}
