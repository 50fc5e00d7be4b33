-- What may expire is asked at every tick.
CREATE INDEX cases_open ON cases(state, abandoned_at);
