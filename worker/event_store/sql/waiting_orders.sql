-- Pending orders of the partitions $1 that are due at $2 or have not moved since $3.
-- At most $4 of each partition, the earliest due first.
-- What waits behind a dead letter is left alone: its end would wait, too, and take the place of others here.
SELECT pending.*
FROM unnest($1::smallint[]) AS own (partition),
     LATERAL (
         SELECT aggregate_id, version, status, placed::text, progress::text
         FROM orders
         WHERE orders.partition = own.partition
           AND status = 'pending'
           AND NOT EXISTS (SELECT FROM holds WHERE holds.aggregate_id = orders.aggregate_id)
           AND (deadline <= $2::timestamp OR moved_at <= $3::timestamp)
         ORDER BY deadline
         LIMIT $4
     ) AS pending
