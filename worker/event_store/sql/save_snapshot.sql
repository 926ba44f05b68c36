-- Keeps a snapshot unless a newer one is kept. The time as in `append_event`.
INSERT INTO snapshots (aggregate_id, state, version, "timestamp")
SELECT $1::text, $2::text::jsonb, $3::bigint, moment."timestamp"
FROM json_populate_record(
    NULL::snapshots, json_build_object('timestamp', (to_json($4::timestamp) #>> '{}') || '+00')
) AS moment
ON CONFLICT (aggregate_id) DO UPDATE
SET state = excluded.state, version = excluded.version, "timestamp" = excluded."timestamp"
WHERE snapshots.version <= excluded.version
