INSERT INTO stock_levels AS level (sku, location, on_hand, reserved, version)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
ON CONFLICT (sku, location) DO UPDATE
SET on_hand = excluded.on_hand, reserved = excluded.reserved, version = excluded.version
WHERE (level.on_hand, level.reserved, level.version)
      IS DISTINCT FROM (excluded.on_hand, excluded.reserved, excluded.version)
RETURNING level.sku
