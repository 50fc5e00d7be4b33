// @ts-check
// How other products keep the same events and ask the same questions: tables and statements of our own, written after what their public
// sources do. Only columns that the questions read are kept, which favours them: nothing else has to be written or merged.
import { from, to } from './traffic.js';

/** The funnel of every contender: / → /pricing → /book → booking_done, in a day. */
export const funnelSteps = [{ path: '/' }, { path: '/pricing' }, { path: '/book' }, { event: 'booking_done' }];

/** @typedef {{ from: string, to: string, site: number }} Scope */

/** @type {Scope} */
export const wholeMonth = { from, to, site: 1 };

/**
 * @param {string} path column of the path
 * @param {string} [name] column of the name
 */
const conditions = (path, name = 'name') => [
  `${name} = 'pageview' AND ${path} = '/'`,
  `${name} = 'pageview' AND ${path} = '/pricing'`,
  `${name} = 'pageview' AND ${path} = '/book'`,
  `${name} = 'booking_done'`,
];
const levels = (/** @type {string} */ inner) =>
  `SELECT level, count() AS units FROM (${inner}) WHERE level > 0 GROUP BY level ORDER BY level`;

/**
 * @typedef {object} Peer
 * @property {string[]} tables made in this order
 * @property {string[]} fill statements that copy from `events`
 * @property {(scope: Scope) => string[]} [funnel] statements of one question
 * @property {(scope: Scope) => string[]} [paths]
 * @property {(scope: Scope) => string[]} [overview]
 */

/** @type {Record<string, Peer>} */
export const peers = {
  Plausible: {
    tables: [
      `CREATE TABLE pl_events (site_id UInt64, name LowCardinality(String), user_id UInt64, session_id UInt64, hostname String CODEC(ZSTD(3)),
         pathname String CODEC(ZSTD(3)), timestamp DateTime CODEC(Delta(4), LZ4))
       ENGINE = MergeTree PARTITION BY toYYYYMM(timestamp) ORDER BY (site_id, toDate(timestamp), name, user_id, timestamp) SAMPLE BY user_id`,
      `CREATE TABLE pl_sessions (site_id UInt64, session_id UInt64, user_id UInt64, start DateTime CODEC(Delta(4), LZ4), duration UInt32, is_bounce UInt8,
         pageviews Int32, events Int32, sign Int8)
       ENGINE = VersionedCollapsingMergeTree(sign, events) PARTITION BY toYYYYMM(start) ORDER BY (site_id, toDate(start), user_id, session_id)`,
    ],
    fill: [
      'INSERT INTO pl_events SELECT site_id, name, visitor_id, session_id, host, path, ts FROM events',
      `INSERT INTO pl_sessions SELECT site_id, session_id, any(visitor_id), min(ts), dateDiff('second', min(ts), max(ts)), countIf(name = 'pageview') = 1,
         countIf(name = 'pageview'), countIf(name != 'engagement'), 1 FROM events GROUP BY site_id, session_id`,
    ],
    // Every event of the site goes through windowFunnel; the window is a day in their source.
    funnel: ({ site, from, to }) => [
      levels(`SELECT user_id, windowFunnel(86400)(timestamp, ${conditions('pathname').join(', ')}) AS level FROM pl_events
        WHERE site_id = ${site} AND timestamp >= '${from} 00:00:00' AND timestamp < '${to} 00:00:00' GROUP BY user_id`),
    ],
    // The step after a page, by window functions over every page view and event of every visitor: first repetitions are dropped, then each row
    // looks at the next. (They also sum up pages by folder, from two more runs of the same; that is left out here.)
    paths: ({ site, from, to }) => [
      `SELECT name2, pathname2, uniqExact(user_id) AS visitors FROM (
         SELECT user_id, name AS name1, path AS pathname1, leadInFrame(name) OVER step_window AS name2, leadInFrame(path) OVER step_window AS pathname2 FROM (
           SELECT user_id, name, if(pathname = '/', pathname, trimRight(pathname, '/')) AS path, timestamp,
             lagInFrame(name) OVER session_window AS prev_name, lagInFrame(if(pathname = '/', pathname, trimRight(pathname, '/'))) OVER session_window AS prev_path
           FROM pl_events WHERE site_id = ${site} AND name != 'engagement' AND timestamp >= '${from} 00:00:00' AND timestamp < '${to} 00:00:00'
           WINDOW session_window AS (PARTITION BY user_id ORDER BY timestamp, name, pathname ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
           ORDER BY timestamp, name, path
         ) WHERE prev_name != name OR prev_path != path
         WINDOW step_window AS (PARTITION BY user_id ORDER BY timestamp, name, path ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
         ORDER BY timestamp, name, path
       ) WHERE name1 = 'pageview' AND pathname1 = '/pricing' AND name2 != '' GROUP BY name2, pathname2 ORDER BY visitors DESC, pathname2, name2 LIMIT 10`,
    ],
    overview: ({ site, from, to }) => [
      `SELECT toDate(timestamp) AS day, uniq(user_id), countIf(name = 'pageview'), countIf(name != 'engagement') FROM pl_events
       WHERE site_id = ${site} AND timestamp >= '${from} 00:00:00' AND timestamp < '${to} 00:00:00' GROUP BY day ORDER BY day`,
      `SELECT toDate(start) AS day, sum(sign), sum(sign * is_bounce), sum(sign * duration) FROM pl_sessions
       WHERE site_id = ${site} AND start >= '${from} 00:00:00' AND start < '${to} 00:00:00' GROUP BY day ORDER BY day`,
    ],
  },

  OpenPanel: {
    tables: [
      `CREATE TABLE op_events (project_id String CODEC(ZSTD(3)), created_at DateTime64(3) CODEC(DoubleDelta, ZSTD(3)), name LowCardinality(String),
         profile_id String CODEC(ZSTD(3)), session_id String CODEC(ZSTD(3)), path String CODEC(ZSTD(3)))
       ENGINE = MergeTree PARTITION BY toYYYYMM(created_at) ORDER BY (project_id, toDate(created_at), created_at, name)`,
      `CREATE TABLE op_sessions (id String CODEC(ZSTD(3)), project_id String CODEC(ZSTD(3)), profile_id String CODEC(ZSTD(3)), created_at DateTime64(3), ended_at DateTime64(3),
         is_bounce Bool, screen_view_count Int32, event_count Int32, duration UInt32, sign Int8, version UInt64)
       ENGINE = VersionedCollapsingMergeTree(sign, version) PARTITION BY toYYYYMM(created_at) ORDER BY (project_id, toDate(created_at), created_at, id)`,
    ],
    fill: [
      `INSERT INTO op_events SELECT concat('project-', toString(site_id)), ts, name, lower(hex(visitor_id)), lower(hex(session_id)), path FROM events
       WHERE name != 'engagement'`,
      `INSERT INTO op_sessions SELECT lower(hex(session_id)), concat('project-', toString(site_id)), lower(hex(any(visitor_id))), min(ts), max(ts), countIf(name = 'pageview') = 1,
         countIf(name = 'pageview'), countIf(name != 'engagement'), dateDiff('millisecond', min(ts), max(ts)), 1, 1 FROM events GROUP BY site_id, session_id`,
    ],
    // By session, their default, over the rows of the steps.
    funnel: ({ site, from, to }) => [
      levels(`SELECT session_id, windowFunnel(86400000, 'strict_increase')(toUInt64(toUnixTimestamp64Milli(created_at)), ${conditions('path').join(', ')}) AS level
        FROM op_events WHERE project_id = 'project-${site}' AND created_at >= toDateTime64('${from} 00:00:00', 3) AND created_at < toDateTime64('${to} 00:00:00', 3)
          AND name IN ('pageview', 'booking_done') AND (${conditions('path')
            .map((condition) => `(${condition})`)
            .join(' OR ')})
        GROUP BY session_id`),
    ],
    // Transitions between neighbouring pages, out of arrays per session.
    paths: ({ site, from, to }) => [
      `WITH ways AS (
         SELECT session_id, arrayFilter((page, place, all) -> place = 1 OR page != all[place - 1], pages, arrayEnumerate(pages), arrayMap(_ -> pages, pages)) AS way
         FROM (SELECT session_id, groupArray(path) AS pages FROM (
           SELECT session_id, path FROM op_events WHERE project_id = 'project-${site}' AND name = 'pageview'
             AND created_at >= toDateTime64('${from} 00:00:00', 3) AND created_at < toDateTime64('${to} 00:00:00', 3)
           ORDER BY session_id, created_at) GROUP BY session_id))
       SELECT step.1 AS source, step.2 AS target, step.3 AS place, count() AS sessions
       FROM (SELECT arrayJoin(arrayMap(place -> (way[place], way[place + 1], place), range(1, toUInt32(least(length(way), 5))))) AS step FROM ways)
       GROUP BY source, target, place ORDER BY sessions DESC LIMIT 100`,
    ],
    overview: ({ site, from, to }) => [
      `SELECT toDate(created_at) AS day, round(countIf(is_bounce) * 100 / count(), 2), uniq(profile_id), count(), round(avgIf(duration, duration > 0), 2) / 1000, sum(screen_view_count)
       FROM op_sessions WHERE project_id = 'project-${site}' AND created_at >= toDateTime64('${from} 00:00:00', 3) AND created_at < toDateTime64('${to} 00:00:00', 3)
       GROUP BY day WITH ROLLUP ORDER BY day`,
    ],
  },

  Swetrix: {
    tables: [
      `CREATE TABLE sw_events (pid FixedString(12), type LowCardinality(String), psid Nullable(UInt64) CODEC(ZSTD(1)), pg Nullable(String) CODEC(ZSTD(3)),
         event_name Nullable(String) CODEC(ZSTD(3)), created DateTime('UTC') CODEC(Delta(4), LZ4))
       ENGINE = MergeTree PARTITION BY toYYYYMM(created) ORDER BY (pid, type, created)`,
    ],
    fill: [
      `INSERT INTO sw_events SELECT leftPad(toString(site_id), 12, 'p'), if(name = 'pageview', 'pageview', 'custom_event'), session_id, path,
         if(name = 'pageview', NULL, name), ts FROM events WHERE name != 'engagement'`,
    ],
    // Every event goes through windowFunnel; a step is a page or a name in one column.
    funnel: ({ site, from, to }) => [
      levels(`SELECT psid, windowFunnel(86400)(created, value = '/', value = '/pricing', value = '/book', value = 'booking_done') AS level FROM (
        SELECT psid, created, if(type = 'pageview', pg, event_name) AS value FROM sw_events WHERE pid = leftPad('${site}', 12, 'p') AND type IN ('pageview', 'custom_event')
          AND created BETWEEN '${from} 00:00:00' AND '${to} 00:00:00') GROUP BY psid`),
    ],
    paths: ({ site, from, to }) => [
      `SELECT way, count() AS sessions FROM (
         SELECT psid, arraySlice(arrayCompact(arrayMap(step -> step.2, groupArraySorted(20)((created, assumeNotNull(pg))))), 1, 5) AS way FROM sw_events
         WHERE pid = leftPad('${site}', 12, 'p') AND type = 'pageview' AND created BETWEEN '${from} 00:00:00' AND '${to} 00:00:00' GROUP BY psid)
       GROUP BY way ORDER BY sessions DESC LIMIT 100`,
    ],
  },

  PostHog: {
    tables: [
      `CREATE TABLE ph_events (team_id Int64, event String, timestamp DateTime64(6, 'UTC'), distinct_id String, person_id UUID, uuid UUID,
         "mat_$pathname" String CODEC(ZSTD(3)))
       ENGINE = MergeTree PARTITION BY toYYYYMM(timestamp)
       ORDER BY (team_id, toDate(timestamp), event, cityHash64(distinct_id), cityHash64(uuid))`,
    ],
    fill: [
      `INSERT INTO ph_events SELECT site_id, name, ts, hex(visitor_id), reinterpretAsUUID(toUInt128(visitor_id)), generateUUIDv4(), path FROM events
       WHERE name != 'engagement'`,
    ],
    // Nested windows: their plan before the one that runs an external process for each query.
    funnel: ({ site, from, to }) => [
      levels(
        nestedWindows(
          `team_id = ${site} AND event IN ('pageview', 'booking_done') AND timestamp >= '${from}' AND timestamp < '${to}'`,
        ),
      ),
    ],
    // Arrays per person, cut at half an hour of silence, compacted, opened into edges.
    paths: ({ site, from, to }) => [
      `SELECT source, target, count() AS times FROM (
         SELECT person_id, arrayJoin(arraySplit(step -> step.3, arrayMap((step, gap) -> (step.1, step.2, gap > 1800), steps, gaps))) AS visit,
           arraySlice(arrayCompact(arrayMap(step -> step.2, visit)), 1, 5) AS way,
           arrayJoin(arrayZip(arrayPopBack(way), arrayPopFront(way), arrayEnumerate(arrayPopBack(way)))) AS edge,
           concat(toString(edge.3), '_', edge.1) AS source, concat(toString(edge.3 + 1), '_', edge.2) AS target
         FROM (SELECT person_id, arraySort(groupArray((toUnixTimestamp64Milli(timestamp) / 1000, if(event = 'pageview', "mat_$pathname", event)))) AS steps,
             arrayDifference(steps.1) AS gaps
           FROM ph_events WHERE team_id = ${site} AND event = 'pageview' AND timestamp >= '${from}' AND timestamp < '${to}' GROUP BY person_id)
       ) GROUP BY source, target ORDER BY times DESC LIMIT 50`,
    ],
  },
};

/** For each row the time of the nearest later step, level by level, as windows inside windows. @param {string} where */
function nestedWindows(where) {
  const steps = [0, 1, 2, 3];
  const found = conditions('"mat_$pathname"', 'event');
  let inner = `SELECT person_id AS who, timestamp, ${steps.map((step) => `if(${found[step]}, 1, 0) AS step_${step}, if(step_${step} = 1, timestamp, NULL) AS latest_${step}`).join(', ')}
    FROM ph_events WHERE ${where}`;
  inner = `SELECT * FROM (${inner}) WHERE step_0 + step_1 + step_2 + step_3 > 0`;
  for (let level = 1; level <= 3; level += 1) {
    // What lies from this level on may not be later than the next level allows.
    const latest = steps.map((step) =>
      step < level
        ? `latest_${step}`
        : `min(latest_${step}) OVER (PARTITION BY who ORDER BY timestamp DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS latest_${step}`,
    );
    inner = `SELECT who, timestamp, step_0, ${latest.join(', ')} FROM (${inner})`;
    if (level < 3)
      inner = `SELECT who, timestamp, step_0, latest_0, ${steps
        .slice(1)
        .map((step) =>
          step > level
            ? `if(latest_${step} < latest_${level}, NULL, latest_${step}) AS latest_${step}`
            : `latest_${step}`,
        )
        .join(', ')} FROM (${inner})`;
  }
  const within = (/** @type {number} */ level) =>
    Array.from(
      { length: level },
      (_, step) => `latest_${step} <= latest_${step + 1} AND latest_${step + 1} <= latest_0 + INTERVAL 1 DAY`,
    ).join(' AND ');
  return `SELECT who, max(if(${within(3)}, 4, if(${within(2)}, 3, if(${within(1)}, 2, 1)))) AS level FROM (${inner}) WHERE step_0 = 1 GROUP BY who`;
}
