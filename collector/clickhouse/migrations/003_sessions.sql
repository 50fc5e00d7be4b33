-- One row per session, put together from whatever arrives of it: every column is a fold that does not care about order.
CREATE TABLE IF NOT EXISTS sessions
(
    site_id    UInt32 CODEC(ZSTD(1)),
    session_id UInt64 CODEC(ZSTD(1)),
    visitor_id SimpleAggregateFunction(max, UInt64) CODEC(ZSTD(1)),
    started    SimpleAggregateFunction(min, DateTime64(3, 'UTC')) CODEC(T64, ZSTD(1)),
    ended      SimpleAggregateFunction(max, DateTime64(3, 'UTC')) CODEC(T64, ZSTD(1)),
    pageviews  SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    events     SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    -- Milliseconds by page view, because they arrive as running totals. The key is the lower half of page_id.
    engaged    SimpleAggregateFunction(maxMap, Map(UInt32, UInt32)) CODEC(ZSTD(1)),
    entry      SimpleAggregateFunction(min, Tuple(at DateTime64(3, 'UTC'), seq UInt32, path String)) CODEC(ZSTD(1)),
    exit       SimpleAggregateFunction(max, Tuple(at DateTime64(3, 'UTC'), seq UInt32, path String)) CODEC(ZSTD(1)),
    host       SimpleAggregateFunction(max, LowCardinality(String)) CODEC(ZSTD(1)),
    channel    SimpleAggregateFunction(max, LowCardinality(String)) CODEC(ZSTD(1)),
    source     SimpleAggregateFunction(max, LowCardinality(String)) CODEC(ZSTD(1)),
    medium     SimpleAggregateFunction(max, LowCardinality(String)) CODEC(ZSTD(1)),
    campaign   SimpleAggregateFunction(max, LowCardinality(String)) CODEC(ZSTD(1)),
    term       SimpleAggregateFunction(max, LowCardinality(String)) CODEC(ZSTD(1)),
    content    SimpleAggregateFunction(max, LowCardinality(String)) CODEC(ZSTD(1)),
    referrer   SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    country    SimpleAggregateFunction(max, LowCardinality(String)) CODEC(ZSTD(1)),
    region     SimpleAggregateFunction(max, LowCardinality(String)) CODEC(ZSTD(1)),
    city       SimpleAggregateFunction(max, LowCardinality(String)) CODEC(ZSTD(1)),
    device     SimpleAggregateFunction(max, LowCardinality(String)) CODEC(ZSTD(1)),
    browser    SimpleAggregateFunction(max, LowCardinality(String)) CODEC(ZSTD(1)),
    os         SimpleAggregateFunction(max, LowCardinality(String)) CODEC(ZSTD(1)),
    language   SimpleAggregateFunction(max, LowCardinality(String)) CODEC(ZSTD(1)),
    INDEX started_range started TYPE minmax GRANULARITY 1
)
ENGINE = AggregatingMergeTree
ORDER BY (site_id, session_id)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- The one view on the insert path: docs/adr/0004-one-row-per-session.md says why a repeated batch still counts once.
CREATE MATERIALIZED VIEW IF NOT EXISTS sessions_of_events TO sessions AS
SELECT
    site_id,
    session_id,
    max(events.visitor_id) AS visitor_id,
    min(ts) AS started,
    max(ts) AS ended,
    countIf(name = 'pageview') AS pageviews,
    countIf(name != 'engagement') AS events,
    maxMap(if(engaged_ms > 0, map(toUInt32(bitAnd(page_id, 0xffffffff)), engaged_ms), CAST(map(), 'Map(UInt32, UInt32)'))) AS engaged,
    -- Without a page view there is no first one: a time that every real one comes before.
    min(if(name = 'pageview', (ts, seq, toString(path)), (toDateTime64('2299-12-31', 3, 'UTC'), toUInt32(0), ''))) AS entry,
    max(if(name = 'pageview', (ts, seq, toString(path)), (toDateTime64('1970-01-01', 3, 'UTC'), toUInt32(0), ''))) AS exit,
    max(events.host) AS host,
    max(events.channel) AS channel,
    max(events.source) AS source,
    max(events.medium) AS medium,
    max(events.campaign) AS campaign,
    max(events.term) AS term,
    max(events.content) AS content,
    max(events.referrer) AS referrer,
    max(events.country) AS country,
    max(events.region) AS region,
    max(events.city) AS city,
    max(events.device) AS device,
    max(events.browser) AS browser,
    max(events.os) AS os,
    max(events.language) AS language
FROM events
GROUP BY site_id, session_id;
