-- The first $2 items of plan $1 that nobody else has seen to meanwhile.
SELECT letter_id, state, outcome, outcome_reason, message
FROM replay_plan_items
WHERE plan_id = $1 AND state <> 'cancelled'
ORDER BY ordinal
LIMIT $2
