-- How many events were not kept, by quarter of an hour (UTC) and reason. A count only: nothing of the events themselves.
CREATE TABLE dropped_events (
  site_id INTEGER NOT NULL REFERENCES sites(id),
  quarter_ms INTEGER NOT NULL,
  reason TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (site_id, quarter_ms, reason)
) STRICT, WITHOUT ROWID;
