-- What endpoints have besides an address. `template` is Liquid; `headers` is JSON: { name: sealed value }.
ALTER TABLE endpoints ADD COLUMN kind TEXT NOT NULL DEFAULT 'webhook';
ALTER TABLE endpoints ADD COLUMN template TEXT;
ALTER TABLE endpoints ADD COLUMN headers TEXT NOT NULL DEFAULT '{}';
ALTER TABLE endpoints ADD COLUMN disabled_by TEXT;
ALTER TABLE endpoints ADD COLUMN disabled_at TEXT;
ALTER TABLE endpoints ADD COLUMN tested_at TEXT;
ALTER TABLE endpoints ADD COLUMN test_error TEXT;
-- The circuit breaker: failures in a row, when the next request may be made, and since when it has been recovering.
ALTER TABLE endpoints ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN paused_until_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN recovering_since_ms INTEGER;

UPDATE endpoints SET disabled_by = CASE
  WHEN disabled_reason LIKE '%410%' THEN 'gone'
  WHEN disabled_reason LIKE '%five days%' THEN 'failing'
  ELSE 'person' END
WHERE enabled = 0;

-- Fixed at the first attempt, so that every retry signs and sends the same bytes; null: `body`.
ALTER TABLE deliveries ADD COLUMN sent_body TEXT;

-- `request` is JSON: the address and the headers, without the values of the endpoint's own.
ALTER TABLE attempts ADD COLUMN request TEXT;
ALTER TABLE attempts ADD COLUMN endpoint_id TEXT;
UPDATE attempts SET endpoint_id = (SELECT endpoint_id FROM deliveries WHERE deliveries.id = attempts.delivery_id);
CREATE INDEX attempts_endpoint ON attempts(endpoint_id, id);

CREATE INDEX deliveries_waiting ON deliveries(endpoint_id, next_at_ms) WHERE state = 'pending';
CREATE INDEX deliveries_endpoint ON deliveries(endpoint_id, created_at);
