-- What reports ask of cases. `person` is the lead, else the visitor, for whom the case was judged; `checks` is JSON: CaseCheck[].
ALTER TABLE cases ADD COLUMN person TEXT;
ALTER TABLE cases ADD COLUMN checks TEXT;
ALTER TABLE cases ADD COLUMN value REAL NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN currency TEXT NOT NULL DEFAULT '';
-- Of what was completed after all; null where nothing was or where it carries no money.
ALTER TABLE cases ADD COLUMN recovered_value REAL;
ALTER TABLE cases ADD COLUMN recovered_currency TEXT;
UPDATE cases SET
  value = coalesce(json_extract(intent, '$.value'), 0),
  currency = coalesce(json_extract(intent, '$.currency'), ''),
  person = visitor_id;
CREATE INDEX cases_rule ON cases(rule_id, rule_version, state);

-- Transitions that are still to be written as events: in the transaction of the transition, gone when the event is on disk.
CREATE TABLE case_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  case_id TEXT NOT NULL REFERENCES cases(id),
  name TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  -- Who is writing it, until when. A lease that has run out belonged to somebody who died: the event may be written or not.
  lease_until_ms INTEGER NOT NULL DEFAULT 0,
  UNIQUE (case_id, name)
) STRICT;
