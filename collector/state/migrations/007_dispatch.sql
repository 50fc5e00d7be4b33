-- Whether somebody is sending to an endpoint is asked before every claim.
CREATE INDEX deliveries_leased ON deliveries(endpoint_id, lease_until_ms) WHERE state = 'pending' AND lease_until_ms > 0;
-- Due messages are found endpoint by endpoint, by deliveries_waiting.
DROP INDEX deliveries_due;
