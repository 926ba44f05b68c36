-- What is parked about the aggregates $1, each line in its order.
SELECT aggregate_id, letter_id
FROM dead_letters
WHERE aggregate_id = ANY ($1::text[]) AND closed_at IS NULL AND state = 'parked'
ORDER BY aggregate_id, place
