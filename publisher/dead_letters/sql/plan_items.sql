-- The next $3 items of plan $1 after place $2.
SELECT ordinal, letter_id, state, outcome, outcome_reason, message, done_at
FROM replay_plan_items
WHERE plan_id = $1 AND ordinal > $2
ORDER BY ordinal
LIMIT $3
