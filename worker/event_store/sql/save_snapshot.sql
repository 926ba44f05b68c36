-- Keeps a snapshot unless a newer one is kept.
INSERT INTO snapshots (aggregate_id, state, version, "timestamp")
VALUES ($1::text, $2::text::jsonb, $3::bigint, $4::timestamp)
ON CONFLICT (aggregate_id) DO UPDATE
SET state = excluded.state, version = excluded.version, "timestamp" = excluded."timestamp"
WHERE snapshots.version <= excluded.version
