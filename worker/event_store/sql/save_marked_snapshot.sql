-- Keeps a snapshot unless a newer one is kept, and whether it is the store's own fold of stock.
INSERT INTO snapshots (aggregate_id, state, version, "timestamp", stock_version)
VALUES ($1::text, $2::text::jsonb, $3::bigint, $4::timestamp, $5::bigint)
ON CONFLICT (aggregate_id) DO UPDATE
SET state = excluded.state, version = excluded.version, "timestamp" = excluded."timestamp",
    stock_version = excluded.stock_version
WHERE snapshots.version <= excluded.version
