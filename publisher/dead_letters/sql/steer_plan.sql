-- Takes plan $1 from one of the states $2 to $3, with $4 as its note, for $5, who says why: $6. No row: it is in another.
--
-- What a cancelled plan has not asked for it asks for no more.
WITH earlier AS (
    SELECT plan_id, state FROM replay_plans WHERE plan_id = $1 FOR NO KEY UPDATE
), plan AS (
    UPDATE replay_plans
    SET state = $3, note = $4,
        ended_at = CASE WHEN $3 = 'cancelled' THEN clock_timestamp() AT TIME ZONE 'UTC' END
    FROM earlier
    WHERE replay_plans.plan_id = earlier.plan_id AND earlier.state = ANY($2::text[])
    RETURNING replay_plans.*
), dropped AS (
    UPDATE replay_plan_items
    SET state = 'cancelled', done_at = plan.ended_at
    FROM plan
    WHERE replay_plan_items.plan_id = plan.plan_id AND replay_plan_items.state = 'planned' AND $3 = 'cancelled'
    RETURNING 1
), recorded AS (
    INSERT INTO dead_letter_deeds ("at", operator, why, deed, plan_id, before, after)
    SELECT clock_timestamp() AT TIME ZONE 'UTC', $5, $6, $7, plan.plan_id,
           json_build_object('state', earlier.state),
           json_build_object('state', plan.state, 'cancelled_letters', (SELECT count(*) FROM dropped))
    FROM plan JOIN earlier USING (plan_id)
)
SELECT plan_id, operator, why, filter, groups, matched, dry_run, canary, rate_per_second, state, note, canary_passed,
       made_at, ended_at
FROM plan
