-- Asks for the next $2 letters of plan $1, whose rate is used up to $3 then; $4: whether its canary has passed.
--
-- A letter that somebody has closed, or asked for, since the plan was made is given up, and says so: the plan did not try it.
WITH plan AS (
    UPDATE replay_plans
    SET advanced_at = $3::timestamp, canary_passed = $4
    WHERE plan_id = $1
    RETURNING plan_id, operator, why
),
next AS (
    SELECT item.ordinal, item.letter_id, letter.partition, letter.state, letter.closed_at IS NOT NULL AS closed,
           request.action, request.operator AS asked_by
    FROM (SELECT ordinal, letter_id
          FROM replay_plan_items
          WHERE plan_id = $1 AND state = 'planned'
          ORDER BY ordinal
          LIMIT $2) AS item
    JOIN dead_letters AS letter USING (letter_id)
    LEFT JOIN dead_letter_requests AS request USING (letter_id)
),
asked AS (
    INSERT INTO dead_letter_requests (letter_id, partition, action, operator, why, plan_id, requested_at)
    SELECT next.letter_id, next.partition, 'replay', plan.operator, plan.why, plan.plan_id,
           clock_timestamp() AT TIME ZONE 'utc'
    FROM next, plan
    WHERE NOT next.closed AND next.asked_by IS NULL
    ORDER BY next.letter_id
    -- Asked for at this very moment by somebody else: seen, and said, at the next look.
    ON CONFLICT DO NOTHING
    RETURNING letter_id
)
UPDATE replay_plan_items AS item
SET state = CASE WHEN asked.letter_id IS NULL THEN 'cancelled' ELSE 'requested' END,
    done_at = CASE WHEN asked.letter_id IS NULL THEN clock_timestamp() AT TIME ZONE 'utc' END,
    message = CASE WHEN next.closed THEN format('it was %s meanwhile, and not by this plan', next.state)
                   WHEN next.asked_by IS NOT NULL
                   THEN format('%s has asked to %s it meanwhile', next.asked_by, next.action)
              END
FROM next LEFT JOIN asked USING (letter_id)
WHERE item.plan_id = $1
  -- Found by their key, whatever the statistics say: of a plan that is newer than these, all items may be taken for one.
  AND item.ordinal = ANY (ARRAY(SELECT ordinal FROM next))
  AND item.ordinal = next.ordinal
  AND item.state = 'planned'
  AND (asked.letter_id IS NOT NULL OR next.closed OR next.asked_by IS NOT NULL)
