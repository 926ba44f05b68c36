-- The newest $2 plans, or those of them that have not ended if $1, the newest first.
SELECT plan_id, operator, why, filter, groups, matched, dry_run, canary, rate_per_second, state, note, canary_passed,
       made_at, ended_at
FROM replay_plans
WHERE NOT $1::boolean OR state IN ('running', 'paused')
ORDER BY plan_id DESC
LIMIT $2
