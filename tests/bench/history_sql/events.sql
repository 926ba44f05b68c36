INSERT INTO events (aggregate_id, version, event_id, event_type, data, "timestamp", command_id)
SELECT sku, version, md5(sku || ' event ' || version)::uuid, 'StockAdded', '{"item_id": "main", "quantity": 1}',
       timestamp '2026-01-01' + version * interval '1 second', md5(sku || ' command ' || version)::uuid
FROM generate_series(1, $1::bigint) AS version, history_skus
