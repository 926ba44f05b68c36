-- Brings the stock rows of one aggregate up to its newest event, where another program appended events
-- without them. Safe beside every other writer: a row is only replaced by a later one.
WITH wanted AS (
    SELECT $1::text AS aggregate_id
),
-- include lagging_levels
INSERT INTO stock_levels AS level (sku, location, on_hand, reserved, version)
SELECT sku, location, on_hand, reserved, version FROM lagging
ON CONFLICT (sku, location) DO UPDATE
SET on_hand = excluded.on_hand, version = excluded.version
WHERE level.version < excluded.version
