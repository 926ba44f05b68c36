-- Reservations to be ended: of each of the partitions $1 those due at $2, of every other those due at $3 already.
-- At most $4 of each partition, the earliest first.
-- What waits behind a dead letter is left alone: its end would wait, too, and take the place of others here.
SELECT due.*
FROM partitions,
     LATERAL (
         SELECT sku, reservation_id, location, quantity, held, fulfilled, released, status, expires_at, version
         FROM reservations
         WHERE reservations.partition = partitions.partition
           AND status = 'held'
           AND NOT EXISTS (SELECT FROM holds WHERE holds.aggregate_id = reservations.sku)
           AND expires_at <= CASE WHEN partitions.partition = ANY ($1::smallint[]) THEN $2::timestamp
                                  ELSE $3::timestamp END
         ORDER BY expires_at
         LIMIT $4
     ) AS due
