SELECT sku, version, location, delta, balance, command_id, event_id, "timestamp", "user"
FROM audit_log
ORDER BY sku, version, location
