-- Visitors whose events were erased, and when: applied again to whatever brings old events back, such as a backup.
CREATE TABLE erasures (
  site_id INTEGER NOT NULL,
  visitor_id TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  -- 0 while the event database has not done it yet.
  done INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (site_id, visitor_id)
) STRICT;

-- Folders of backups on this machine: an erasure is noted in each.
CREATE TABLE backups (
  folder TEXT PRIMARY KEY,
  made_at TEXT NOT NULL
) STRICT;
