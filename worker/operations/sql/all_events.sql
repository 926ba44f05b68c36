SELECT aggregate_id, version, event_id, event_type, data::text, command_id, "timestamp"
FROM events
ORDER BY aggregate_id, version
