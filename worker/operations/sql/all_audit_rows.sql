SELECT sku, version, location, delta, balance, command_id, event_id, reserved_delta
FROM audit_log
ORDER BY sku, version, location
