-- $1 letters of 40 causes about 2,000 SKUs, a second apart: 55 % set aside, 5 % parked behind a held letter for each of
-- 500 SKUs, the rest closed; bodies of about 200 bytes, errors of about 150.
INSERT INTO dead_letters (
    origin, partition, state, reason, fingerprint, aggregate_id, place, command_id, command_type, "user", attempts,
    first_at, last_at, closed_at, outcome, error, queue, routing_key, headers, body
)
SELECT
    decode(md5('origin ' || number), 'hex'), sku % 16, state, reason,
    left(md5('cause ' || cause), 16), 'SKU-' || sku, CASE WHEN state IN ('held', 'parked') THEN number END,
    md5('command ' || number)::uuid, CASE cause % 3 WHEN 0 THEN 'restock' ELSE 'purchase' END, 'till-' || cause % 7,
    CASE state WHEN 'parked' THEN 0 ELSE 1 END, at, at, CASE WHEN state IN ('replayed', 'skipped') THEN at END,
    CASE WHEN state IN ('replayed', 'skipped') THEN 'applied' END,
    format('cause %s: %s (got %s)', cause, repeat('what was wrong, where, and what would be right; ', 3), number),
    'orders.commands.' || to_char(sku % 16, 'FM00'), 'partition.' || to_char(sku % 16, 'FM00'), '{}',
    convert_to(format(
        '{"type":"purchase","command_id":"%s","sku":"SKU-%s","location":"main","quantity":%s,"user":"till-%s",'
        '"order_id":"%s","reason":"as the customer asked for it","issued_at":"2026-01-01T00:00:00Z"}',
        md5('command ' || number)::uuid, sku, number, cause % 7, number), 'UTF8')
FROM (
    SELECT number, cause, at, sku,
           (ARRAY['invalid', 'misrouted', 'failed', 'crashed', 'expired', 'rejected'])[cause % 6 + 1] AS reason,
           CASE
               WHEN number <= 500 THEN 'held'
               WHEN number % 20 = 0 THEN 'parked'
               WHEN number % 20 <= 11 THEN 'set_aside'
               WHEN number % 20 = 12 THEN 'skipped'
               ELSE 'replayed'
           END AS state
    FROM (
        SELECT number, hashint8(number) & 2147483647 AS random, 
               timestamp '2026-01-01' + number * interval '1 second' AS at
        FROM generate_series(1, $1::bigint) AS number
    ) AS numbered,
    LATERAL (SELECT random % 40 AS cause, CASE WHEN number <= 500 THEN number ELSE (random / 40) % 2000 END AS sku) AS drawn
) AS letters
