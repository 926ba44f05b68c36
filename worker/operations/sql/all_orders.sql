SELECT aggregate_id, partition, command_id, status, deadline, placed::text, progress::text, version
FROM orders
ORDER BY aggregate_id
