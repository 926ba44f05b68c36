-- The stock rows that events after the newest row make, where another program appended events without them.
--
-- Included by statements that define `wanted` (one row: aggregate_id).
span AS (
    SELECT wanted.aggregate_id, 9223372036854775807 AS through,
           coalesce((SELECT max(version) FROM stock_levels WHERE sku = wanted.aggregate_id), 0) AS after
    FROM wanted
),
-- include stock_moves
,
lagging AS (
    SELECT span.aggregate_id AS sku, moves.item_id AS location, coalesce(earlier.on_hand, 0) + moves.delta AS on_hand,
           coalesce(earlier.reserved, 0) AS reserved, moves.version
    FROM span, moves
    LEFT JOIN stock_levels AS earlier
           ON earlier.sku = (SELECT aggregate_id FROM wanted) AND earlier.location = moves.item_id
)
