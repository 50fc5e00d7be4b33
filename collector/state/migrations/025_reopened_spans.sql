-- Who came back in a week is somebody whose closed span ended in it: a few, where everybody who entered a stage had to be looked at.
CREATE INDEX lead_spans_reopened ON lead_spans(site_id, to_ms, lead_id) WHERE open = 0 AND to_ms < 9007199254740991;
