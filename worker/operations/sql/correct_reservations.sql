INSERT INTO reservations AS kept
    (sku, reservation_id, location, quantity, held, fulfilled, released, status, expires_at, version, partition)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
                     $8::text[], $9::timestamp[], $10::bigint[], $11::smallint[])
ON CONFLICT (sku, reservation_id) DO UPDATE
SET location = excluded.location, quantity = excluded.quantity, held = excluded.held, fulfilled = excluded.fulfilled,
    released = excluded.released, status = excluded.status, expires_at = excluded.expires_at,
    version = excluded.version, partition = excluded.partition
WHERE kept.* IS DISTINCT FROM excluded.*
RETURNING kept.sku
