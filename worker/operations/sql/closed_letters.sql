-- Letters whose command was decided in the end, with what is recorded under its id.
--
-- Not those that a conflict closed, since the id is another command's, nor what an order heard of a line, which is no
-- command.
SELECT letter.letter_id, coalesce(letter.aggregate_id, '') AS aggregate_id, letter.command_id, letter.outcome,
       letter.outcome_reason, commands.answer::text AS answer
FROM dead_letters AS letter LEFT JOIN commands USING (command_id)
WHERE letter.closed_at IS NOT NULL
  AND letter.command_id IS NOT NULL
  AND letter.outcome IN ('applied', 'rejected', 'dead_lettered')
  AND letter.outcome_reason IS DISTINCT FROM 'conflict'
  AND NOT (letter.aggregate_id LIKE 'order:%' AND letter.command_type IS NULL)
ORDER BY letter.letter_id
