-- $2 letters like letter $1, which is set aside.
INSERT INTO dead_letters (
    origin, partition, state, reason, fingerprint, aggregate_id, command_type, "user", attempts, first_at, last_at,
    error, queue, routing_key, headers, body
)
SELECT decode(md5('copy ' || number), 'hex'), partition, state, reason, fingerprint, aggregate_id, command_type, "user",
       attempts, first_at, last_at, error, queue, routing_key, headers, body
FROM dead_letters, generate_series(1, $2::bigint) AS number
WHERE letter_id = $1
