import type { ClickHouse } from '../clickhouse/client.ts';
import { param, type Sql, sql } from '../clickhouse/sql.ts';
import type { SeenAnswer } from '../contract/overview.ts';
import { notEngagement } from './own-events.ts';
import { withinSql } from './range.ts';

/*
 * Which pages and events has a site had lately: what can a funnel step or a rule be about?
 *
 * One row for each path of a page view and for each event name of the last 30 days, most frequent first, at most 200 of each:
 *   kind    page or event
 *   label   path or event name
 *   count   how often
 */

export interface SeenQuestion {
  siteId: number;
  nowMs: number;
}

const lookBackMs = 30 * 86_400_000;
const shown = 200;

interface SeenRow {
  kind: 'page' | 'event';
  label: string;
  count: number;
}

export function seenSql({ siteId, nowMs }: SeenQuestion): Sql {
  const rows = withinSql(siteId, { fromMs: nowMs - lookBackMs, toMs: nowMs + 86_400_000 });
  return sql`
SELECT if(name = 'pageview', 'page', 'event') AS kind, if(name = 'pageview', toString(path), toString(name)) AS label,
  toFloat64(sum(rows)) AS count
FROM (
  SELECT name, path, count() AS rows FROM events
  WHERE ${rows} AND ${notEngagement}
  GROUP BY name, path
  HAVING name != 'form_field'
)
GROUP BY kind, label
ORDER BY count DESC, label
LIMIT ${param.uint32(shown)} BY kind`;
}

export async function seen(clickhouse: ClickHouse, question: SeenQuestion): Promise<SeenAnswer> {
  const { rows } = await clickhouse.query<SeenRow>(seenSql(question), { name: 'seen' });
  return {
    pages: rows.filter(({ kind }) => kind === 'page').map(({ label, count }) => ({ path: label, count })),
    events: rows.filter(({ kind }) => kind === 'event').map(({ label, count }) => ({ name: label, count })),
  };
}
