-- One row per event. Order and codecs as measured in docs/adr/0002-event-tables.md.
CREATE TABLE IF NOT EXISTS events
(
    site_id         UInt32 CODEC(ZSTD(1)),
    ts              DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    visitor_id      UInt64 CODEC(LZ4),
    session_id      UInt64 CODEC(ZSTD(1)),
    page_id         UInt64 CODEC(ZSTD(1)),
    seq             UInt32 CODEC(T64, ZSTD(1)),
    name            LowCardinality(String),
    path            LowCardinality(String),
    prev_path       LowCardinality(String),
    page_number     UInt16 CODEC(T64, ZSTD(1)),
    host            LowCardinality(String),
    title           LowCardinality(String),
    country         LowCardinality(String),
    region          LowCardinality(String),
    city            LowCardinality(String),
    device          LowCardinality(String),
    browser         LowCardinality(String),
    browser_version LowCardinality(String),
    os              LowCardinality(String),
    os_version      LowCardinality(String),
    language        LowCardinality(String),
    referrer        String CODEC(ZSTD(1)),
    channel         LowCardinality(String),
    source          LowCardinality(String),
    medium          LowCardinality(String),
    campaign        LowCardinality(String),
    term            LowCardinality(String),
    content         LowCardinality(String),
    engaged_ms      UInt32 CODEC(T64, ZSTD(1)),
    scroll          UInt8 CODEC(ZSTD(1)),
    props           Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    value           Decimal(18, 4) CODEC(ZSTD(1)),
    currency        LowCardinality(String),
    persistent      UInt8 CODEC(ZSTD(1)),
    clock_replaced  UInt8 CODEC(ZSTD(1)),
    PROJECTION steps
    (
        SELECT site_id, name, path, ts, seq, visitor_id, session_id, value
        ORDER BY site_id, name, path, toDate(ts), visitor_id, ts
    ),
    PROJECTION counts
    (
        SELECT site_id, toStartOfFifteenMinutes(ts), name, count()
        GROUP BY site_id, toStartOfFifteenMinutes(ts), name
    )
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (site_id, toDate(ts), visitor_id, ts)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
