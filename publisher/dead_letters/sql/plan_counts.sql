-- What became of the letters of plan $1, by cause.
SELECT letter.fingerprint, letter.reason, item.state, item.outcome, item.outcome_reason, count(*) AS count
FROM replay_plan_items AS item
JOIN dead_letters AS letter USING (letter_id)
WHERE item.plan_id = $1
GROUP BY letter.fingerprint, letter.reason, item.state, item.outcome, item.outcome_reason
ORDER BY count DESC, letter.fingerprint, item.state, item.outcome, item.outcome_reason
