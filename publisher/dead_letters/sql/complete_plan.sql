-- Plan $1 has its $2 items, of the causes $3; records who made it.
WITH plan AS (
    UPDATE replay_plans SET matched = $2, groups = $3::json WHERE plan_id = $1
    RETURNING *
), recorded AS (
    INSERT INTO dead_letter_deeds ("at", operator, why, deed, plan_id, after)
    SELECT made_at, operator, why, 'made_plan', plan_id,
           json_build_object(
               'filter', filter, 'matched', matched, 'groups', groups, 'dry_run', dry_run, 'canary', canary,
               'rate_per_second', rate_per_second)
    FROM plan
)
SELECT plan_id, operator, why, filter, groups, matched, dry_run, canary, rate_per_second, state, note, canary_passed,
       made_at, ended_at
FROM plan
