SELECT sku, version, location, delta, balance, command_id, event_id, reserved_delta, "timestamp", "user"
FROM audit_log
ORDER BY sku, version, location
