SELECT plan_id, operator, why, filter, groups, matched, dry_run, canary, rate_per_second, state, note, canary_passed,
       made_at, ended_at
FROM replay_plans
WHERE plan_id = $1
