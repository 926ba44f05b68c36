-- The next SKUs after $1 that have events or rows, at most $2, without reading all events:
-- each step of the recursion jumps to the next aggregate in the index.
WITH RECURSIVE with_events (sku) AS (
    (SELECT aggregate_id FROM events WHERE aggregate_id > $1 ORDER BY aggregate_id LIMIT 1)
    UNION ALL
    SELECT (SELECT aggregate_id FROM events WHERE aggregate_id > with_events.sku ORDER BY aggregate_id LIMIT 1)
    FROM with_events
    WHERE with_events.sku IS NOT NULL
),
some_with_events AS (
    SELECT sku FROM with_events WHERE sku IS NOT NULL LIMIT $2
),
with_rows AS (
    SELECT DISTINCT sku FROM stock_levels WHERE sku > $1 ORDER BY sku LIMIT $2
),
with_reservations AS (
    SELECT DISTINCT sku FROM reservations WHERE sku > $1 ORDER BY sku LIMIT $2
),
with_orders AS (
    SELECT aggregate_id AS sku FROM orders WHERE aggregate_id > $1 ORDER BY aggregate_id LIMIT $2
)
SELECT sku
FROM (SELECT sku FROM some_with_events UNION SELECT sku FROM with_rows UNION SELECT sku FROM with_reservations
      UNION SELECT sku FROM with_orders)
         AS either
ORDER BY sku COLLATE "C"
LIMIT $2
