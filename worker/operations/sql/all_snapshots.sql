SELECT aggregate_id, version, state::text, coalesce(stock_version = version, false) AS is_stock
FROM snapshots
ORDER BY aggregate_id
