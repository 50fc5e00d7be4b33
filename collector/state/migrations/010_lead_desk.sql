-- `definition` is JSON of the contract's lead view.
CREATE TABLE lead_views (
  id TEXT PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES sites(id),
  definition TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX lead_views_of_site ON lead_views (site_id);

-- Pictures of cards and notes. Whoever is signed in may look at them.
CREATE TABLE lead_photos (
  id TEXT PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES sites(id),
  lead_id TEXT NOT NULL REFERENCES leads(id),
  type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  content BLOB NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX lead_photos_lead ON lead_photos(lead_id);

-- Addresses at which other tools tell of touches; only the hash of the secret in them is stored.
CREATE TABLE inbound_hooks (
  id TEXT PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES sites(id),
  preset TEXT NOT NULL,
  secret_hash TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  received INTEGER NOT NULL DEFAULT 0,
  last_at TEXT,
  last_problem TEXT,
  UNIQUE (site_id, preset)
) STRICT;
