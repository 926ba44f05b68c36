SELECT sku, location, on_hand, reserved, version
FROM stock_levels
ORDER BY sku, location
