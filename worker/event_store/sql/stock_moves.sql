-- What the events of aggregate $1 move, by item, where others wrote them without stock rows.
--
-- Included by statements that define `span` (one row: after, through). It counts what `stock_change` counts.
moves AS (
    SELECT data::jsonb ->> 'item_id' AS item_id, max(version) AS version,
           sum(CASE event_type WHEN 'StockAdded' THEN 1 ELSE -1 END * (data::jsonb ->> 'quantity')::bigint)::bigint
               AS delta
    FROM events
    WHERE aggregate_id = $1
      AND version > (SELECT after FROM span)
      AND version <= (SELECT through FROM span)
      AND event_type IN ('StockAdded', 'StockRemoved')
      AND jsonb_typeof(data::jsonb -> 'item_id') = 'string'
      AND jsonb_typeof(data::jsonb -> 'quantity') = 'number'
      AND data::jsonb ->> 'quantity' ~ '^[1-9][0-9]*$'
    GROUP BY 1
)
