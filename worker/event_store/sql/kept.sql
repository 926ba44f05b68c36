-- The reservations as they stand after the batch.
--
-- Included by statements that commit a batch.
kept AS (
    INSERT INTO reservations (sku, reservation_id, location, quantity, held, fulfilled, released, status,
                              expires_at, version, partition)
    SELECT new.*, gate.partition
    FROM gate,
         unnest($30::text[], $31::text[], $32::text[], $33::bigint[], $34::bigint[], $35::bigint[], $36::bigint[],
                $37::text[], $38::timestamp[], $39::bigint[])
             AS new (sku, reservation_id, location, quantity, held, fulfilled, released, status, expires_at, version)
    ON CONFLICT (sku, reservation_id) DO UPDATE
    SET held = excluded.held, fulfilled = excluded.fulfilled, released = excluded.released,
        status = excluded.status, expires_at = excluded.expires_at, version = excluded.version
)
