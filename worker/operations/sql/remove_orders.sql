-- Orders of the names $1 that are not among the folded ones ($2).
DELETE FROM orders
WHERE aggregate_id = ANY ($1::text[])
  AND aggregate_id <> ALL ($2::text[])
RETURNING aggregate_id AS sku
