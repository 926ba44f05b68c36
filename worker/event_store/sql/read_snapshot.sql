-- The snapshot of one aggregate. By way of JSON, because tables made by others lack the column stock_version.
SELECT state::text AS state, version, "timestamp",
       coalesce((to_jsonb(snapshots) ->> 'stock_version')::bigint = version, false) AS is_stock
FROM snapshots
WHERE aggregate_id = $1
