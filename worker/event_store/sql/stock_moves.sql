-- What the events of one aggregate move, by item, where others wrote them without stock rows.
--
-- Included by statements that define `span` (one row: aggregate_id, after, through). It counts what `stock_changes`
-- counts. Data of other types is not looked at: it may be nothing that jsonb can hold. Numbers are judged as they
-- are written, because jsonb makes 2 of 2e0.
moves AS (
    SELECT change.item_id, max(version) AS version, sum(change.delta)::bigint AS delta
    FROM events,
         LATERAL (
             SELECT CASE WHEN event_type IN ('StockAdded', 'StockRemoved', 'StockAdjusted', 'StockTransferred',
                                             'ReservationFulfilled')
                         THEN data::jsonb END AS stock
         ) AS decoded,
         LATERAL (
             SELECT stock ->> 'item_id' AS item_id, stock ->> 'to_item_id' AS to_item_id,
                    jsonb_typeof(stock -> 'item_id') = 'string' AS has_item,
                    jsonb_typeof(stock -> 'to_item_id') = 'string'
                        AND stock ->> 'to_item_id' <> stock ->> 'item_id' AS has_other_item,
                    CASE WHEN stock IS NOT NULL
                              AND (data::json -> 'quantity')::text ~ '^[1-9][0-9]{0,14}$'
                         THEN (stock ->> 'quantity')::bigint END AS quantity,
                    CASE WHEN event_type = 'StockAdjusted'
                              AND (data::json -> 'difference')::text ~ '^-?(0|[1-9][0-9]{0,14})$'
                         THEN (stock ->> 'difference')::bigint END AS difference
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
    WHERE aggregate_id = (SELECT span.aggregate_id FROM span)
      AND version > (SELECT after FROM span)
      AND version <= (SELECT through FROM span)
      AND has_item
      AND change.delta IS NOT NULL
    GROUP BY 1
)
