-- The ledger: what happened to a lead is in lead_events and stays; the rest of a row in `leads` is what folding these gives.
CREATE TABLE lead_events (
  -- Order of arrival, for what happened at the same moment.
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  site_id INTEGER NOT NULL REFERENCES sites(id),
  -- The lead it was said of, also after that one was merged into another: taking the merge back finds it again.
  lead_id TEXT NOT NULL REFERENCES leads(id),
  at_ms INTEGER NOT NULL,
  recorded_at_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  data TEXT NOT NULL,
  actor TEXT NOT NULL,
  -- What the sender calls it: the same twice is one event.
  source_id TEXT
) STRICT;
CREATE INDEX lead_events_lead ON lead_events(lead_id, at_ms, seq);
CREATE INDEX lead_events_kind ON lead_events(site_id, kind, at_ms);
CREATE UNIQUE INDEX lead_events_source ON lead_events(site_id, source_id) WHERE source_id IS NOT NULL;

-- Which person a lead is part of: itself, unless it was merged. `merged_into` is the one it was merged with, which may be merged too.
ALTER TABLE leads ADD COLUMN person_id TEXT NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN merged_into TEXT;
-- Counts up over all sites; also the row of lead_search.
ALTER TABLE leads ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE leads ADD COLUMN stage TEXT NOT NULL DEFAULT 'new';
ALTER TABLE leads ADD COLUMN stage_at_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE leads ADD COLUMN lost_reason TEXT;
ALTER TABLE leads ADD COLUMN value REAL NOT NULL DEFAULT 0;
ALTER TABLE leads ADD COLUMN currency TEXT NOT NULL DEFAULT '';
-- As quote, booking, trade-show: which clock and which rules of routing are for it.
ALTER TABLE leads ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN owner_id TEXT;
ALTER TABLE leads ADD COLUMN owner_at_ms INTEGER;
ALTER TABLE leads ADD COLUMN accepted_at_ms INTEGER;
ALTER TABLE leads ADD COLUMN next_step TEXT;
ALTER TABLE leads ADD COLUMN next_step_at_ms INTEGER;
-- The clock that runs: acceptance or response.
ALTER TABLE leads ADD COLUMN clock TEXT;
ALTER TABLE leads ADD COLUMN clock_due_ms INTEGER;
-- When the last clock ran out without anybody having done what it waits for; null after somebody has.
ALTER TABLE leads ADD COLUMN neglected_at_ms INTEGER;
ALTER TABLE leads ADD COLUMN nurture_reason TEXT;
ALTER TABLE leads ADD COLUMN wake_at_ms INTEGER;
-- JSON: what else wakes it; null: only the date.
ALTER TABLE leads ADD COLUMN wake_on TEXT;
ALTER TABLE leads ADD COLUMN recycle_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE leads ADD COLUMN score REAL NOT NULL DEFAULT 0;
ALTER TABLE leads ADD COLUMN temperature TEXT NOT NULL DEFAULT 'cold';
ALTER TABLE leads ADD COLUMN qualified TEXT NOT NULL DEFAULT 'none';
ALTER TABLE leads ADD COLUMN definition_version INTEGER;
-- When it is to be looked at again: score, definition, routing, clocks, waking up. Null: not before something happens.
ALTER TABLE leads ADD COLUMN judge_at_ms INTEGER;
-- The first time somebody of the house wrote, called or met; and the first time both spoke.
ALTER TABLE leads ADD COLUMN first_reply_at_ms INTEGER;
ALTER TABLE leads ADD COLUMN reached_at_ms INTEGER;
ALTER TABLE leads ADD COLUMN last_touch_at_ms INTEGER;
ALTER TABLE leads ADD COLUMN last_touch_channel TEXT;
ALTER TABLE leads ADD COLUMN last_touch_kind TEXT;
ALTER TABLE leads ADD COLUMN touch_count INTEGER NOT NULL DEFAULT 0;
-- The last sign of life in the ledger, of either side.
ALTER TABLE leads ADD COLUMN active_at_ms INTEGER NOT NULL DEFAULT 0;
-- When it began; created_at is the same in words.
ALTER TABLE leads ADD COLUMN began_at_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE leads ADD COLUMN first_channel TEXT NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN first_source TEXT NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN first_medium TEXT NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN first_campaign TEXT NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN last_channel TEXT NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN last_source TEXT NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN last_medium TEXT NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN last_campaign TEXT NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN consent TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE leads ADD COLUMN consent_at_ms INTEGER;
-- From when on it leaks, if nothing happens: 0 means already. Null: closed or in nurture.
ALTER TABLE leads ADD COLUMN leaks_at_ms INTEGER;

UPDATE leads SET person_id = id, number = rowid, stage = CASE WHEN coalesce(email, phone) IS NULL THEN 'incomplete' ELSE 'new' END,
  began_at_ms = CAST(round(unixepoch(created_at, 'subsec') * 1000) AS INTEGER),
  stage_at_ms = CAST(round(unixepoch(created_at, 'subsec') * 1000) AS INTEGER),
  active_at_ms = CAST(round(unixepoch(updated_at, 'subsec') * 1000) AS INTEGER),
  leaks_at_ms = 0, judge_at_ms = 0;

INSERT INTO lead_events (id, site_id, lead_id, at_ms, recorded_at_ms, kind, data, actor)
SELECT 'lev_' || lower(hex(randomblob(8))), site_id, id, began_at_ms, began_at_ms, 'identified',
  json_patch('{}', json_object('email', email, 'phone', phone, 'externalId', external_id, 'name', name, 'company', company,
    'traits', json(traits), 'complete', json(CASE stage WHEN 'new' THEN 'true' ELSE 'false' END))), 'system'
FROM leads;

-- Everything by which a lead is found. An address and an id belong to one lead; a telephone may be shared.
CREATE TABLE lead_identities (
  site_id INTEGER NOT NULL REFERENCES sites(id),
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  lead_id TEXT NOT NULL REFERENCES leads(id),
  since TEXT NOT NULL,
  PRIMARY KEY (site_id, kind, value, lead_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX lead_identities_one ON lead_identities(site_id, kind, value) WHERE kind IN ('email', 'external');
CREATE INDEX lead_identities_lead ON lead_identities(lead_id);
INSERT INTO lead_identities SELECT site_id, 'email', email, id, created_at FROM leads WHERE email IS NOT NULL;
INSERT INTO lead_identities SELECT site_id, 'external', external_id, id, created_at FROM leads WHERE external_id IS NOT NULL;
INSERT INTO lead_identities SELECT site_id, 'phone', phone, id, created_at FROM leads WHERE phone IS NOT NULL;
DROP INDEX leads_email;
DROP INDEX leads_external;
DROP INDEX leads_phone;

-- The lead that a browser gave itself away to; `lead_id` is the person that one is part of.
ALTER TABLE lead_visitors ADD COLUMN said_lead_id TEXT NOT NULL DEFAULT '';
UPDATE lead_visitors SET said_lead_id = lead_id;
CREATE INDEX lead_visitors_said ON lead_visitors(said_lead_id);

-- Stage, owner and dates of a lead from one moment to the next: what a list of the past is asked of.
CREATE TABLE lead_spans (
  site_id INTEGER NOT NULL REFERENCES sites(id),
  lead_id TEXT NOT NULL REFERENCES leads(id),
  -- From 0, in order of time.
  n INTEGER NOT NULL,
  from_ms INTEGER NOT NULL,
  -- 9007199254740991 (the largest safe integer): still so.
  to_ms INTEGER NOT NULL,
  stage TEXT NOT NULL,
  -- 1: the stage was entered with it.
  entered INTEGER NOT NULL,
  -- 1: neither won nor lost.
  open INTEGER NOT NULL,
  owner_id TEXT,
  next_step_at_ms INTEGER,
  leaks_at_ms INTEGER,
  PRIMARY KEY (lead_id, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX lead_spans_open ON lead_spans(site_id, to_ms, from_ms, stage, leaks_at_ms, lead_id) WHERE open = 1;
CREATE INDEX lead_spans_entered ON lead_spans(site_id, stage, from_ms, lead_id) WHERE entered = 1;
INSERT INTO lead_spans SELECT site_id, id, 0, began_at_ms, 9007199254740991, stage, 1, 1, NULL, NULL, 0 FROM leads;

-- Events that are still to be told to the event store, as the events of a server.
CREATE TABLE lead_outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  site_id INTEGER NOT NULL REFERENCES sites(id),
  event TEXT NOT NULL
) STRICT;

-- Parts of what is known of a lead, for a search inside words. Its rows are leads.number.
CREATE VIRTUAL TABLE lead_search USING fts5(text, tokenize = 'trigram', content = '', contentless_delete = 1);
INSERT INTO lead_search (rowid, text)
SELECT number, lower(concat_ws(' ', name, email, phone, company, external_id)) FROM leads;

-- Lists and pages of leads. Whoever was merged into another is in none of them.
CREATE UNIQUE INDEX leads_number ON leads(number);
CREATE INDEX leads_person ON leads(person_id);
CREATE INDEX leads_began ON leads(site_id, began_at_ms, id) WHERE merged_into IS NULL;
CREATE INDEX leads_active ON leads(site_id, active_at_ms, id) WHERE merged_into IS NULL;
CREATE INDEX leads_score ON leads(site_id, score, id) WHERE merged_into IS NULL;
CREATE INDEX leads_stage ON leads(site_id, stage, began_at_ms, id) WHERE merged_into IS NULL;
CREATE INDEX leads_owner ON leads(site_id, owner_id, stage, began_at_ms, id) WHERE merged_into IS NULL;
CREATE INDEX leads_leaks ON leads(site_id, leaks_at_ms, id) WHERE merged_into IS NULL AND leaks_at_ms IS NOT NULL;
CREATE INDEX leads_next_step ON leads(site_id, next_step_at_ms, id) WHERE merged_into IS NULL AND next_step_at_ms IS NOT NULL;
CREATE INDEX leads_judge ON leads(judge_at_ms) WHERE merged_into IS NULL AND judge_at_ms IS NOT NULL;
CREATE INDEX leads_first_source ON leads(site_id, first_source, began_at_ms, id) WHERE merged_into IS NULL;
