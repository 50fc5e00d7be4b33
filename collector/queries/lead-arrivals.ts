import type { ClickHouse } from '../clickhouse/client.ts';
import { param, type Sql, sql } from '../clickhouse/sql.ts';

/*
 * Which events of these names that a rule asks about have arrived in (afterMs, throughMs]? All sites at once.
 *
 * One row for each event, in the order of arrival:
 *   received                 when it arrived, milliseconds since 1970
 *   site_id visitor          where and who (decimal UInt64)
 *   at id                    when it happened, milliseconds since 1970; page_id.seq
 *   name path host props     what
 */

export interface LeadArrivalsQuestion {
  afterMs: number;
  throughMs: number;
  names: readonly string[];
  /** At most about so many: those that arrived in one millisecond stay together. */
  limit: number;
}

export interface LeadArrival {
  received: number;
  site_id: number;
  visitor: string;
  at: number;
  id: string;
  name: string;
  path: string;
  host: string;
  props: Record<string, string>;
}

export function leadArrivalsSql({ afterMs, throughMs, names, limit }: LeadArrivalsQuestion): Sql {
  return sql`
SELECT toFloat64(toUnixTimestamp64Milli(received_at)) AS received, site_id, toString(visitor_id) AS visitor,
  toFloat64(toUnixTimestamp64Milli(ts)) AS at, concat(toString(page_id), '.', toString(seq)) AS id, name, path, host, props
FROM intents
WHERE received_at > ${param.dateTime(afterMs)} AND received_at <= ${param.dateTime(throughMs)} AND name IN ${param.strings(names)}
ORDER BY received_at
LIMIT ${param.uint32(limit)} WITH TIES`;
}

/** `throughMs`: how far it got; nothing up to there is missing. */
export async function leadArrivals(
  clickhouse: ClickHouse,
  question: LeadArrivalsQuestion,
): Promise<{ rows: LeadArrival[]; throughMs: number }> {
  const { rows } = await clickhouse.query<LeadArrival>(leadArrivalsSql(question), { name: 'lead-arrivals' });
  return {
    rows,
    throughMs: rows.length < question.limit ? question.throughMs : (rows.at(-1)?.received ?? question.throughMs),
  };
}
