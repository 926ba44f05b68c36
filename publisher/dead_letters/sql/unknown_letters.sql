-- Which of $1 are no letters.
SELECT letter_id FROM unnest($1::bigint[]) AS asked (letter_id)
EXCEPT
SELECT letter_id FROM dead_letters
ORDER BY letter_id
