-- The rules of the house: every version of every part that was ever saved.
CREATE TABLE house_rules (
  site_id INTEGER NOT NULL REFERENCES sites(id),
  part TEXT NOT NULL,
  version INTEGER NOT NULL,
  -- JSON of the part, as the contract has it.
  rules TEXT NOT NULL,
  saved_at TEXT NOT NULL,
  saved_by TEXT NOT NULL,
  PRIMARY KEY (site_id, part, version)
) STRICT;

-- What the website has seen of a lead: the newest times of each signal that the rules ask about.
CREATE TABLE lead_hits (
  lead_id TEXT PRIMARY KEY REFERENCES leads(id) ON DELETE CASCADE,
  site_id INTEGER NOT NULL REFERENCES sites(id),
  -- Which browsers and which signals these are of; where either has changed, the history is read again.
  visitors TEXT NOT NULL,
  signals TEXT NOT NULL,
  -- JSON: Record<signal key, [milliseconds, id of the event][]>, newest first.
  hits TEXT NOT NULL,
  -- Where its last visit came from, '' where there was none.
  country TEXT NOT NULL,
  region TEXT NOT NULL
) STRICT;

-- How many leads routing has given to whom on which day of the site's zone, and when last. Turns are numbered over the whole site.
CREATE TABLE owner_turns (
  site_id INTEGER NOT NULL REFERENCES sites(id),
  owner_id TEXT NOT NULL,
  given_on TEXT NOT NULL,
  given INTEGER NOT NULL,
  last_turn INTEGER NOT NULL,
  PRIMARY KEY (site_id, owner_id, given_on)
) STRICT;
CREATE INDEX owner_turns_last ON owner_turns(site_id, last_turn);

-- What a source or campaign has cost from one date to another, half-open.
CREATE TABLE source_costs (
  id TEXT PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES sites(id),
  source TEXT NOT NULL,
  campaign TEXT NOT NULL,
  from_on TEXT NOT NULL,
  to_on TEXT NOT NULL,
  amount REAL NOT NULL,
  currency TEXT NOT NULL,
  note TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX source_costs_site ON source_costs(site_id, from_on);

-- The questions of a week.
CREATE INDEX leads_reached ON leads(site_id, reached_at_ms, id) WHERE merged_into IS NULL AND reached_at_ms IS NOT NULL;
