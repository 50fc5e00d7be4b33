-- Instants are ISO 8601 UTC text, which sorts as time; *_ms columns are milliseconds where arithmetic needs them.
CREATE TABLE sites (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  domains TEXT NOT NULL,
  timezone TEXT NOT NULL,
  settings TEXT NOT NULL,
  created_at TEXT NOT NULL,
  first_event_at TEXT,
  deleted_at TEXT
) STRICT;

CREATE TABLE users (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

-- Only hashes of tokens are stored: whoever reads this file cannot sign in with it.
CREATE TABLE login_sessions (
  token_hash TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  created_at_ms INTEGER NOT NULL,
  last_seen_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE setup_tokens (
  token_hash TEXT PRIMARY KEY,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  scope TEXT NOT NULL,
  site_id INTEGER REFERENCES sites(id),
  prefix TEXT NOT NULL,
  secret_hash TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  last_used_at TEXT
) STRICT;

CREATE TABLE salts (
  day TEXT PRIMARY KEY,
  salt TEXT NOT NULL
) STRICT;

CREATE TABLE funnels (
  id TEXT PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES sites(id),
  name TEXT NOT NULL,
  definition TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE rules (
  id TEXT PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES sites(id),
  version INTEGER NOT NULL,
  definition TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  deleted_at TEXT
) STRICT;

CREATE TABLE rule_versions (
  rule_id TEXT NOT NULL REFERENCES rules(id),
  version INTEGER NOT NULL,
  definition TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (rule_id, version)
) STRICT;

CREATE TABLE endpoints (
  id TEXT PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES sites(id),
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  events TEXT NOT NULL,
  secret TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  disabled_reason TEXT,
  failing_since TEXT,
  created_at TEXT NOT NULL,
  deleted_at TEXT
) STRICT;

-- dedup_key = hash(site, rule, visitor, key, trigger event): overlapping scans and restarts make one case.
CREATE TABLE cases (
  id TEXT PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES sites(id),
  rule_id TEXT NOT NULL REFERENCES rules(id),
  rule_version INTEGER NOT NULL,
  dedup_key TEXT NOT NULL UNIQUE,
  visitor_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  key TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  -- The triggering event, as JSON of the intents row.
  intent TEXT NOT NULL,
  occurred_at TEXT NOT NULL,
  occurred_seq INTEGER NOT NULL,
  received_at_ms INTEGER NOT NULL,
  due_at_ms INTEGER NOT NULL,
  abandoned_at TEXT,
  notified_at TEXT,
  recovered_at TEXT,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX cases_due ON cases(state, due_at_ms);
CREATE INDEX cases_site ON cases(site_id, occurred_at);
CREATE INDEX cases_person ON cases(site_id, visitor_id, rule_id, state);

CREATE TABLE case_history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  case_id TEXT NOT NULL REFERENCES cases(id),
  at TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  note TEXT
) STRICT;
CREATE INDEX case_history_case ON case_history(case_id);

-- The outbox: a message is here, in the transaction that changed the case, before anybody is called.
-- dedup_key makes creation idempotent; id is the webhook-id of every attempt.
CREATE TABLE deliveries (
  id TEXT PRIMARY KEY,
  dedup_key TEXT NOT NULL UNIQUE,
  site_id INTEGER NOT NULL REFERENCES sites(id),
  endpoint_id TEXT NOT NULL REFERENCES endpoints(id),
  case_id TEXT REFERENCES cases(id),
  follow_up INTEGER NOT NULL DEFAULT 0,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL,
  state_note TEXT,
  attempt_count INTEGER NOT NULL DEFAULT 0,
  next_at_ms INTEGER NOT NULL,
  lease_until_ms INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL,
  delivered_at TEXT
) STRICT;
CREATE INDEX deliveries_due ON deliveries(state, next_at_ms);
CREATE INDEX deliveries_site ON deliveries(site_id, created_at);
CREATE INDEX deliveries_case ON deliveries(case_id);

CREATE TABLE attempts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  delivery_id TEXT NOT NULL REFERENCES deliveries(id),
  at TEXT NOT NULL,
  status INTEGER,
  error TEXT,
  ms INTEGER NOT NULL,
  response TEXT NOT NULL
) STRICT;
CREATE INDEX attempts_delivery ON attempts(delivery_id);

CREATE TABLE leads (
  id TEXT PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES sites(id),
  email TEXT,
  phone TEXT,
  external_id TEXT,
  name TEXT,
  company TEXT,
  traits TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX leads_email ON leads(site_id, email) WHERE email IS NOT NULL;
CREATE UNIQUE INDEX leads_external ON leads(site_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX leads_phone ON leads(site_id, phone);

CREATE TABLE lead_visitors (
  site_id INTEGER NOT NULL REFERENCES sites(id),
  visitor_id TEXT NOT NULL,
  lead_id TEXT NOT NULL REFERENCES leads(id),
  since TEXT NOT NULL,
  PRIMARY KEY (site_id, visitor_id)
) STRICT;
CREATE INDEX lead_visitors_lead ON lead_visitors(lead_id);

CREATE TABLE watermarks (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
