-- One row per event. Order and codecs as measured in docs/adr/0002-event-tables.md.
CREATE TABLE IF NOT EXISTS events
(
    site_id         UInt32 CODEC(ZSTD(1)),
    ts              DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    visitor_id      UInt64 CODEC(ZSTD(1)),
    session_id      UInt64 CODEC(ZSTD(1)),
    page_id         UInt64 CODEC(ZSTD(1)),
    seq             UInt32 CODEC(T64, ZSTD(1)),
    name            LowCardinality(String),
    path            LowCardinality(String),
    prev_path       LowCardinality(String) CODEC(ZSTD(1)),
    page_number     UInt16 CODEC(T64, ZSTD(1)),
    host            LowCardinality(String) CODEC(ZSTD(1)),
    title           LowCardinality(String) CODEC(ZSTD(1)),
    country         LowCardinality(String) CODEC(ZSTD(1)),
    region          LowCardinality(String) CODEC(ZSTD(1)),
    city            LowCardinality(String) CODEC(ZSTD(1)),
    device          LowCardinality(String) CODEC(ZSTD(1)),
    browser         LowCardinality(String) CODEC(ZSTD(1)),
    browser_version LowCardinality(String) CODEC(ZSTD(1)),
    os              LowCardinality(String) CODEC(ZSTD(1)),
    os_version      LowCardinality(String) CODEC(ZSTD(1)),
    language        LowCardinality(String) CODEC(ZSTD(1)),
    referrer        String CODEC(ZSTD(1)),
    channel         LowCardinality(String) CODEC(ZSTD(1)),
    source          LowCardinality(String) CODEC(ZSTD(1)),
    medium          LowCardinality(String) CODEC(ZSTD(1)),
    campaign        LowCardinality(String) CODEC(ZSTD(1)),
    term            LowCardinality(String) CODEC(ZSTD(1)),
    content         LowCardinality(String) CODEC(ZSTD(1)),
    engaged_ms      UInt32 CODEC(T64, ZSTD(1)),
    scroll          UInt8 CODEC(ZSTD(1)),
    props           Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    value           Decimal(18, 4) CODEC(ZSTD(1)),
    currency        LowCardinality(String) CODEC(ZSTD(1)),
    persistent      UInt8 CODEC(ZSTD(1)),
    clock_replaced  UInt8 CODEC(ZSTD(1)),
    PROJECTION steps
    (
        SELECT site_id, name, path, ts, seq, visitor_id, value
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
SETTINGS
    -- For the projections, which do not take over the codecs of their columns.
    default_compression_codec = 'ZSTD(1)', -- since ClickHouse 25.8
    non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
