-- The newest version of each aggregate, and its stock rows (none where it has none).
SELECT wanted.aggregate_id, coalesce(newest.version, 0) AS newest_version,
       level.location, level.on_hand, level.reserved, level.version
FROM unnest($1::text[]) AS wanted (aggregate_id)
LEFT JOIN LATERAL (
    SELECT version FROM events WHERE events.aggregate_id = wanted.aggregate_id ORDER BY version DESC LIMIT 1
) AS newest ON true
LEFT JOIN stock_levels AS level ON level.sku = wanted.aggregate_id
