-- What the events of aggregate $1 move, by item, where others wrote them without stock rows.
--
-- Included by statements that define `span` (one row: after, through). It counts what `stock_changes` counts.
moves AS (
    SELECT change.item_id, max(version) AS version, sum(change.delta)::bigint AS delta
    FROM events,
         LATERAL (
             SELECT data::jsonb ->> 'item_id' AS item_id, data::jsonb ->> 'to_item_id' AS to_item_id,
                    jsonb_typeof(data::jsonb -> 'item_id') = 'string' AS has_item,
                    jsonb_typeof(data::jsonb -> 'to_item_id') = 'string'
                        AND data::jsonb ->> 'to_item_id' <> data::jsonb ->> 'item_id' AS has_other_item,
                    CASE WHEN jsonb_typeof(data::jsonb -> 'quantity') = 'number'
                              AND data::jsonb ->> 'quantity' ~ '^[1-9][0-9]*$'
                         THEN (data::jsonb ->> 'quantity')::bigint END AS quantity,
                    CASE WHEN jsonb_typeof(data::jsonb -> 'difference') = 'number'
                              AND data::jsonb ->> 'difference' ~ '^-?[0-9]+$'
                         THEN (data::jsonb ->> 'difference')::bigint END AS difference
         ) AS told,
         LATERAL (
             SELECT item_id, quantity WHERE event_type = 'StockAdded'
             UNION ALL
             SELECT item_id, -quantity WHERE event_type IN ('StockRemoved', 'ReservationFulfilled')
             UNION ALL
             SELECT item_id, difference WHERE event_type = 'StockAdjusted'
             UNION ALL
             SELECT item_id, -quantity WHERE event_type = 'StockTransferred' AND has_other_item
             UNION ALL
             SELECT to_item_id, quantity WHERE event_type = 'StockTransferred' AND has_other_item
         ) AS change (item_id, delta)
    WHERE aggregate_id = $1
      AND version > (SELECT after FROM span)
      AND version <= (SELECT through FROM span)
      AND has_item
      AND change.delta IS NOT NULL
    GROUP BY 1
)
