-- How many letters match, by state.
SELECT letter.state, count(*) AS count, min(letter.first_at) AS first_at, max(letter.last_at) AS last_at
FROM dead_letters AS letter
WHERE {matching}
GROUP BY letter.state
