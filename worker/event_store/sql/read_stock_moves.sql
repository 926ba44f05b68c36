-- What the events of aggregate $1 after version $2 up to $3 move, by item.
WITH span AS (
    SELECT $1::text AS aggregate_id, $2::bigint AS after, $3::bigint AS through
),
-- include stock_moves
SELECT item_id, delta FROM moves
