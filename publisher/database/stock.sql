-- What each location holds of a SKU.
SELECT sku, location, on_hand, reserved, version
FROM stock_levels
WHERE sku = $1
ORDER BY location
