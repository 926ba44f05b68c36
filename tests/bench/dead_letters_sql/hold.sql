-- A SKU $1 of partition $2 that is held since $3.
WITH letter AS (
    INSERT INTO dead_letters (origin, partition, state, reason, fingerprint, aggregate_id, place, attempts, first_at, last_at,
                              error, queue, routing_key, headers, body)
    VALUES ('held', $2, 'held', 'failed', '00', $1, 1, 1, $3, $3, 'a bug', 'orders.commands.00', 'partition.00', '{}', '')
    RETURNING letter_id
)
INSERT INTO holds (aggregate_id, partition, head, parked, next_place, since)
SELECT $1, $2, letter_id, 0, 2, $3 FROM letter
