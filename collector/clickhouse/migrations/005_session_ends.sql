-- A day asks for sessions that had not ended before it. Sessions lie in the order in which they began, so their ends nearly do too.
ALTER TABLE sessions ADD INDEX IF NOT EXISTS ended_range ended TYPE minmax GRANULARITY 1;
ALTER TABLE sessions MATERIALIZE INDEX ended_range;
