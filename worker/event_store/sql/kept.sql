-- The reservations as they stand after the batch: $40 tells the new ones from those that were there before.
--
-- Included by statements that commit a batch.
new_reservation AS (
    SELECT *
    FROM unnest($30::text[], $31::text[], $32::text[], $33::bigint[], $34::bigint[], $35::bigint[], $36::bigint[],
                $37::text[], $38::timestamp[], $39::bigint[], $40::boolean[])
             AS new (sku, reservation_id, location, quantity, held, fulfilled, released, status, expires_at, version,
                     is_made)
),
reserved AS (
    INSERT INTO reservations (sku, reservation_id, location, quantity, held, fulfilled, released, status,
                              expires_at, version, partition)
    SELECT new.sku, new.reservation_id, new.location, new.quantity, new.held, new.fulfilled, new.released, new.status,
           new.expires_at, new.version, gate.partition
    FROM gate, new_reservation AS new
    WHERE new.is_made
),
kept AS (
    UPDATE reservations
    SET held = new.held, fulfilled = new.fulfilled, released = new.released,
        status = new.status, expires_at = new.expires_at, version = new.version
    FROM gate, new_reservation AS new
    WHERE NOT new.is_made
      AND reservations.sku = new.sku
      AND reservations.reservation_id = new.reservation_id
)
