-- Only events that an abandonment rule of their site asks about, ordered by arrival: a detection tick reads the newest few.
CREATE TABLE IF NOT EXISTS intents
(
    received_at DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    site_id     UInt32 CODEC(ZSTD(1)),
    ts          DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    seq         UInt32 CODEC(T64, ZSTD(1)),
    visitor_id  UInt64 CODEC(LZ4),
    session_id  UInt64 CODEC(ZSTD(1)),
    page_id     UInt64 CODEC(ZSTD(1)),
    name        LowCardinality(String),
    path        LowCardinality(String),
    host        LowCardinality(String),
    origin      LowCardinality(String),
    title       LowCardinality(String),
    props       Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    value       Decimal(18, 4) CODEC(ZSTD(1)),
    currency    LowCardinality(String),
    country     LowCardinality(String),
    device      LowCardinality(String),
    channel     LowCardinality(String),
    source      LowCardinality(String),
    medium      LowCardinality(String),
    campaign    LowCardinality(String),
    referrer    String CODEC(ZSTD(1)),
    persistent  UInt8 CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(received_at)
ORDER BY (received_at, site_id)
TTL toDateTime(received_at) + INTERVAL 60 DAY
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
