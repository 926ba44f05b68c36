-- Reservations of the SKUs $1 that are not among the folded ones ($2, $3).
DELETE FROM reservations
WHERE sku = ANY ($1::text[])
  AND (sku, reservation_id) NOT IN (SELECT * FROM unnest($2::text[], $3::text[]))
RETURNING sku
