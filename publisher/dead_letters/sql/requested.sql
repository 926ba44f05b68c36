-- How many of the letters $1 are asked for, and not done.
SELECT count(*) AS count FROM dead_letter_requests WHERE letter_id = ANY($1::bigint[])
