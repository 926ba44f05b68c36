-- The reservations of the names ($1, $2), as far as they exist.
SELECT sku, reservation_id, location, quantity, held, fulfilled, released, status, expires_at, version
FROM unnest($1::text[], $2::text[]) AS wanted (sku, reservation_id)
JOIN reservations USING (sku, reservation_id)
