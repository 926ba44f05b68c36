INSERT INTO orders AS kept
    (aggregate_id, partition, command_id, status, deadline, placed, progress, version, moved_at)
SELECT new.aggregate_id, new.partition, new.command_id, new.status, new.deadline, new.placed::json,
       new.progress::json, new.version, now() AT TIME ZONE 'UTC'
FROM unnest($1::text[], $2::uuid[], $3::text[], $4::timestamp[], $5::text[], $6::text[], $7::bigint[],
            $8::smallint[])
         AS new (aggregate_id, command_id, status, deadline, placed, progress, version, partition)
ON CONFLICT (aggregate_id) DO UPDATE
SET partition = excluded.partition, command_id = excluded.command_id, status = excluded.status,
    deadline = excluded.deadline, placed = excluded.placed, progress = excluded.progress,
    version = excluded.version, moved_at = excluded.moved_at
WHERE (kept.partition, kept.command_id, kept.status, kept.deadline, kept.placed::jsonb,
       kept.progress::jsonb, kept.version)
      IS DISTINCT FROM
      (excluded.partition, excluded.command_id, excluded.status, excluded.deadline,
       excluded.placed::jsonb, excluded.progress::jsonb, excluded.version)
RETURNING kept.aggregate_id AS sku
