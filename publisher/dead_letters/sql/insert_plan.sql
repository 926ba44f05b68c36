-- A plan that is at work from now on, and has no items yet.
INSERT INTO replay_plans (
    operator, why, filter, groups, matched, dry_run, canary, rate_per_second, state, made_at, advanced_at
)
SELECT $1, $2, $3::json, '[]', 0, $4, $5, $6, 'running', moment, moment
FROM (SELECT clock_timestamp() AT TIME ZONE 'UTC' AS moment) AS clock
RETURNING plan_id
