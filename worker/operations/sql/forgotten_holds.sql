-- What is held for orders that are unknown, or were decided more than $1 seconds ago: by then it should have ended.
SELECT reservations.sku, reservations.reservation_id, reservations.held, orders.status
FROM reservations
LEFT JOIN orders ON orders.aggregate_id = substring(reservations.reservation_id FROM '^(.*)#[0-9]+$')
WHERE reservations.status = 'held'
  AND reservations.reservation_id LIKE 'order:%'
  AND (orders.aggregate_id IS NULL
       OR (orders.status <> 'pending'
           AND orders.moved_at < now() AT TIME ZONE 'UTC' - make_interval(secs => $1::double precision)))
ORDER BY reservations.sku, reservations.reservation_id
