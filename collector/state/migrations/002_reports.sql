-- What people set up for reports. `definition` is JSON of the contract's goal, segment or annotation.
CREATE TABLE goals (
  id TEXT PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES sites(id),
  definition TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX goals_of_site ON goals (site_id);

CREATE TABLE segments (
  id TEXT PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES sites(id),
  definition TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX segments_of_site ON segments (site_id);

CREATE TABLE annotations (
  id TEXT PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES sites(id),
  definition TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX annotations_of_site ON annotations (site_id);
