import type { Kysely, Selectable } from 'kysely';
import type { ClickHouse } from '../clickhouse/client.ts';
import { param, sql } from '../clickhouse/sql.ts';
import { caseEvents } from '../contract/names.ts';
import { type EventRow, toTimestamp } from '../contract/row.ts';
import { hash64 } from '../hash.ts';
import { type CaseRow, intentOf } from '../state/cases.ts';
import type { State } from '../state/database.ts';
import type { RuleBook } from '../state/rules.ts';
import type { StateSchema } from '../state/schema.ts';

type CaseEventRow = Selectable<StateSchema['case_events']>;

export interface WriteCaseEventsDependencies {
  state: State;
  clickhouse: ClickHouse;
  rules: Pick<RuleBook, 'version'>;
  spool: { append(rows: readonly EventRow[]): Promise<void>; flush(): Promise<void> };
  now: () => number;
}

const eventsPerBite = 500;
/** Far longer than one append takes: who has not finished by then is dead. */
const leaseMs = 60_000;

/**
 * Writes the transitions that cases have made as events, each exactly once, so that a funnel can have "abandoned" as a step. A
 * transition is deleted when its event is on disk; of one whose writer died in between, the event database says whether it is there.
 * Answers how many were written.
 */
export async function writeCaseEvents(deps: WriteCaseEventsDependencies): Promise<number> {
  let written = 0;
  for (;;) {
    const leased = await lease(deps.state.db, deps.now());
    if (leased.length === 0) return written;
    const cases = await casesOf(deps.state.db, leased);
    const rows = leased.flatMap((event) => {
      const caseRow = cases.get(event.case_id);
      return caseRow ? [{ event, row: toEventRow(event, caseRow, deps.rules) }] : [];
    });
    const there = await alreadyWritten(
      deps,
      rows.flatMap(({ event, row }) => (event.lease_until_ms > 0 ? [row] : [])),
    );
    const fresh = rows.flatMap(({ row }) => (there.has(row.page_id) ? [] : [row]));
    await append(deps, fresh, leased);
    await deps.state.db
      .deleteFrom('case_events')
      .where(
        'id',
        'in',
        leased.map(({ id }) => id),
      )
      .execute();
    written += fresh.length;
    if (leased.length < eventsPerBite) return written;
  }
}

/** The rows as they were before: `lease_until_ms` above 0 tells of a writer who did not come to an end. */
function lease(db: Kysely<StateSchema>, nowMs: number): Promise<CaseEventRow[]> {
  return db.transaction().execute(async (trx) => {
    const rows = await trx
      .selectFrom('case_events')
      .selectAll()
      .where('lease_until_ms', '<', nowMs)
      .orderBy('id')
      .limit(eventsPerBite)
      .execute();
    const ids = rows.map(({ id }) => id);
    if (ids.length > 0) {
      await trx
        .updateTable('case_events')
        .set({ lease_until_ms: nowMs + leaseMs })
        .where('id', 'in', ids)
        .execute();
    }
    return rows;
  });
}

async function append(
  { state, spool, now }: WriteCaseEventsDependencies,
  rows: readonly EventRow[],
  leased: readonly CaseEventRow[],
): Promise<void> {
  if (rows.length === 0) return;
  try {
    // TRICKY: stamped in the same tick as `append`, because spool.shippedThrough() promises that no earlier row will come.
    const receivedAt = toTimestamp(now());
    await spool.append(rows.map((row) => ({ ...row, received_at: receivedAt })));
  } catch (error) {
    // The spool keeps nothing of what it refuses, so the next tick may simply try again.
    const ids = leased.map(({ id }) => id);
    await state.db.updateTable('case_events').set({ lease_until_ms: 0 }).where('id', 'in', ids).execute();
    throw error;
  }
}

async function casesOf(db: Kysely<StateSchema>, events: readonly CaseEventRow[]): Promise<Map<string, CaseRow>> {
  const ids = [...new Set(events.map((event) => event.case_id))];
  const rows = await db.selectFrom('cases').selectAll().where('id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** Page ids of those rows that ClickHouse has, after everything in the spool has been brought there. */
async function alreadyWritten(
  { clickhouse, spool }: WriteCaseEventsDependencies,
  rows: readonly EventRow[],
): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  await spool.flush();
  const times = rows.map(({ ts }) => Date.parse(`${ts.replace(' ', 'T')}Z`));
  const from = param.dateTime(Math.min(...times));
  const to = param.dateTime(Math.max(...times));
  const found = await clickhouse.query<{ page_id: string }>(
    sql`SELECT toString(page_id) AS page_id FROM events
      WHERE site_id IN ${param.uint32s([...new Set(rows.map((row) => row.site_id))])}
        AND toDate(ts) >= toDate(${from}) AND toDate(ts) <= toDate(${to}) AND ts >= ${from} AND ts <= ${to}
        AND visitor_id IN ${param.uint64s([...new Set(rows.map((row) => row.visitor_id))])} AND session_id = 0`,
    { name: 'detection: case events' },
  );
  return new Set(found.rows.map((row) => row.page_id));
}

/** The same row each time: what is not of the transition is taken from the intent. It belongs to no session, because nobody was there. */
function toEventRow(event: CaseEventRow, caseRow: CaseRow, rules: Pick<RuleBook, 'version'>): EventRow {
  const intent = intentOf(caseRow);
  const rule = rules.version(caseRow.rule_id, caseRow.rule_version);
  const isRecovery = event.name === 'abandonment_recovered';
  const id = `${caseRow.id}:${event.name}`;
  return {
    id,
    site_id: caseRow.site_id,
    ts: toTimestamp(event.at_ms),
    received_at: '',
    visitor_id: caseRow.visitor_id,
    session_id: '0',
    page_id: hash64(id),
    // What follows within the same millisecond comes after.
    seq: caseEvents.indexOf(event.name),
    name: event.name,
    path: intent.path,
    prev_path: '',
    page_number: 0,
    host: intent.host,
    origin: intent.origin,
    title: intent.title,
    country: intent.country,
    region: '',
    city: '',
    device: intent.device,
    browser: '',
    browser_version: '',
    os: '',
    os_version: '',
    language: '',
    referrer: intent.referrer,
    channel: intent.channel,
    source: intent.source,
    medium: intent.medium,
    campaign: intent.campaign,
    term: '',
    content: '',
    engaged_ms: 0,
    scroll: 0,
    props: {
      rule: rule?.name ?? '',
      rule_id: caseRow.rule_id,
      kind: rule?.kind ?? 'custom',
      case: caseRow.id,
      state: event.state,
      ...(event.reason ? { reason: event.reason } : {}),
      ...(caseRow.key ? { key: caseRow.key } : {}),
    },
    value: (isRecovery ? caseRow.recovered_value : null) ?? caseRow.value,
    currency: (isRecovery ? caseRow.recovered_currency : null) ?? caseRow.currency,
    persistent: intent.persistent,
    clock_replaced: 0,
    intent: 0,
  };
}
