-- What is still held, in the partitions $1, for orders that were decided at $2 or earlier; at most $3 of all.
-- At any time where the order was cancelled or has expired: it may not have heard of what its leg holds.
-- What waits behind a dead letter is left alone: its end would wait, too, and take the place of others here.
SELECT reservations.reservation_id, orders.aggregate_id, orders.version, orders.status, orders.placed::text,
       orders.progress::text
FROM reservations
JOIN orders ON orders.aggregate_id = substring(reservations.reservation_id FROM '^(.*)#[0-9]+$')
WHERE reservations.partition = ANY ($1::smallint[])
  AND reservations.status = 'held'
  AND reservations.reservation_id LIKE 'order:%'
  AND orders.status <> 'pending'
  AND NOT EXISTS (SELECT FROM holds WHERE holds.aggregate_id = reservations.sku)
  AND (orders.moved_at <= $2::timestamp OR orders.status IN ('cancelled', 'expired'))
LIMIT $3
