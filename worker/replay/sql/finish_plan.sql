-- Plan $1 has nothing left.
UPDATE replay_plans SET state = 'finished', ended_at = clock_timestamp() AT TIME ZONE 'utc' WHERE plan_id = $1
