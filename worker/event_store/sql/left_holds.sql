-- What is still held, in the partitions $1, for orders that were decided at $2 or earlier; at most $3 of all.
-- At any time where the order was cancelled or has expired: it may not have heard of what its leg holds.
-- What waits behind a dead letter is left alone: its end would wait, too, and take the place of others here.
--
-- Nearly all that is held is held for pending orders, and that may be much. So it is compared with these as a whole,
-- which costs a fraction of looking for the order of each. A full join is made with a hash or a sort whatever the tables
-- were like when the plan was made: an inner one compares each with each if they were empty then. And the order's name
-- is cut off without a regular expression, which would have most of the cost; the few that are left are looked at well.
WITH left_over AS MATERIALIZED (
    SELECT held.sku, held.reservation_id, held.aggregate_id
    FROM (
        SELECT sku, reservation_id, left(rtrim(reservation_id, '0123456789'), -1) AS aggregate_id
        FROM reservations
        WHERE partition = ANY ($1::smallint[]) AND status = 'held' AND reservation_id LIKE 'order:%'
    ) AS held
    FULL JOIN (SELECT aggregate_id FROM orders WHERE status = 'pending') AS pending USING (aggregate_id)
    WHERE pending.aggregate_id IS NULL
)
SELECT left_over.reservation_id, orders.aggregate_id, orders.version, orders.status, orders.placed::text,
       orders.progress::text
FROM left_over
JOIN orders USING (aggregate_id)
WHERE left_over.reservation_id ~ '#[0-9]+$'
  AND NOT EXISTS (SELECT FROM holds WHERE holds.aggregate_id = left_over.sku)
  AND (orders.moved_at <= $2::timestamp OR orders.status IN ('cancelled', 'expired'))
LIMIT $3
