-- One letter; place is its id where it stands in a line.
INSERT INTO dead_letters (
    origin, partition, state, reason, fingerprint, aggregate_id, place, command_id, command_type, "user", attempts,
    first_at, last_at, closed_at, outcome, error, queue, routing_key, reply_to, correlation_id, headers, body
)
SELECT decode(md5(random()::text), 'hex'), $1::smallint, $2::text, $3, $4, $5,
       CASE WHEN $2 IN ('held', 'parked') THEN (SELECT count(*) FROM dead_letters) END,
       $6::uuid, $7, $8, CASE $2 WHEN 'parked' THEN 0 ELSE 1 END, $9::timestamp, $9,
       CASE WHEN $2 IN ('set_aside', 'held', 'parked') THEN NULL ELSE $9 END,
       CASE WHEN $2 IN ('set_aside', 'held', 'parked') THEN NULL ELSE 'applied' END,
       $10, 'orders.commands.' || to_char($1::smallint, 'FM00'), 'partition.' || to_char($1::smallint, 'FM00'), 'till', ($6::uuid)::text,
       '{"x-tries": 3}', $11
RETURNING letter_id
