-- Plan $1 as it stands, for this transaction alone. No row: it is not at work, or somebody else is at it.
SELECT canary, canary_passed, rate_per_second, advanced_at, clock_timestamp() AT TIME ZONE 'utc' AS looked_at
FROM replay_plans
WHERE plan_id = $1 AND state = 'running'
FOR NO KEY UPDATE SKIP LOCKED
