import { joinSql, Sql, sql } from '../clickhouse/sql.ts';
import { caseEvents, leadEvents } from '../contract/names.ts';

/** The condition of the projection `moments`: ClickHouse reads it only for questions that say this in so many words. */
export const notEngagement = sql`name != 'engagement'`;

/**
 * Leaves out what Telltale writes about its cases and leads: nobody was on the site at that moment, so it is no visit, no step of a path and
 * nothing that comes between two steps. A funnel asks for these events by name.
 */
export const visitorsOwnSql = sql`name NOT IN (${joinSql(
  [...caseEvents, ...leadEvents].map((name) => new Sql([`'${name}'`])),
  sql`, `,
)})`;
