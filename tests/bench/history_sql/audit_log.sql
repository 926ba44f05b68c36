INSERT INTO audit_log ("timestamp", "user", delta, sku, location, balance, command_id, event_id, version)
SELECT timestamp '2026-01-01' + version * interval '1 second', 'till-3', 1, sku, 'main', version,
       md5(sku || ' command ' || version)::uuid, md5(sku || ' event ' || version)::uuid, version
FROM generate_series(1, $1::bigint) AS version, history_skus
