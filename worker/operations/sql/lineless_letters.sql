-- Letters that hold or wait, and are in no line.
SELECT letter.letter_id, letter.aggregate_id, letter.state
FROM dead_letters AS letter LEFT JOIN holds AS hold USING (aggregate_id)
WHERE (letter.state = 'held' AND hold.head IS DISTINCT FROM letter.letter_id)
   OR (letter.state = 'parked' AND hold.aggregate_id IS NULL)
ORDER BY letter.letter_id
