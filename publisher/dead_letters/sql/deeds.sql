-- What was done about letter $1, the oldest first.
SELECT "at", operator, why, deed, letter_id, plan_id, before, after
FROM dead_letter_deeds
WHERE letter_id = $1
ORDER BY deed_id
