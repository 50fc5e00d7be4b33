-- Why an open lead leaks is read from its span as well: the balance of a week never leaves the index.
DROP INDEX lead_spans_open;
CREATE INDEX lead_spans_open ON lead_spans(site_id, to_ms, from_ms, stage, leaks_at_ms, owner_id, next_step_at_ms, lead_id) WHERE open = 1;
