-- What counts of letter $1 before it is edited.
SELECT letter.letter_id, letter.state, letter.aggregate_id, letter.command_id, letter.bundle, hold.head
FROM dead_letters AS letter
LEFT JOIN holds AS hold ON hold.aggregate_id = letter.aggregate_id
WHERE letter.letter_id = $1
