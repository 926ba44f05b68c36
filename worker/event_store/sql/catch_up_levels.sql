-- Brings the stock rows of one aggregate up to its newest event, where another program appended events
-- without them. Safe beside every other writer: a row is only replaced by a later one.
WITH span AS (
    SELECT coalesce(max(version), 0) AS after, 9223372036854775807 AS through FROM stock_levels WHERE sku = $1
),
-- include stock_moves
INSERT INTO stock_levels AS level (sku, location, on_hand, reserved, version)
SELECT $1, moves.item_id, coalesce(earlier.on_hand, 0) + moves.delta, coalesce(earlier.reserved, 0), moves.version
FROM moves
LEFT JOIN stock_levels AS earlier ON earlier.sku = $1 AND earlier.location = moves.item_id
ON CONFLICT (sku, location) DO UPDATE
SET on_hand = excluded.on_hand, version = excluded.version
WHERE level.version < excluded.version
