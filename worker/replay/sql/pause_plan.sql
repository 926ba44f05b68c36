-- Pauses plan $1, says why ($2), and records it as a deed of $3. Whoever resumes it has seen what its canary was for.
WITH paused AS (
    UPDATE replay_plans
    SET state = 'paused', note = $2, canary_passed = true
    WHERE plan_id = $1
    RETURNING plan_id
)
INSERT INTO dead_letter_deeds ("at", operator, why, deed, plan_id, before, after)
SELECT clock_timestamp() AT TIME ZONE 'utc', $3, $2, 'paused_plan', plan_id, json_build_object('state', 'running'),
       json_build_object('state', 'paused')
FROM paused
