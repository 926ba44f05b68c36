SELECT sku, reservation_id, location, quantity, held, fulfilled, released, status, expires_at, version
FROM reservations
ORDER BY sku, reservation_id
