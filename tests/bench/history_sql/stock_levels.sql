INSERT INTO stock_levels (sku, location, on_hand, reserved, version)
SELECT sku, 'main', $1::bigint, 0, $1::bigint
FROM history_skus
