-- The next $3 items of plan $1 after place $2, or if $4 of those that ended without being applied, or that others saw to.
SELECT ordinal, letter_id, state, outcome, outcome_reason, message, done_at
FROM replay_plan_items
WHERE plan_id = $1 AND ordinal > $2
    AND (NOT $4::boolean
         OR (state IN ('done', 'forecast') AND outcome IS DISTINCT FROM 'applied')
         OR (state = 'cancelled' AND message IS NOT NULL))
ORDER BY ordinal
LIMIT $3
