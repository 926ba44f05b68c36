-- In the order they were given within each SKU: by version, and at one version the applied one first.
SELECT answer ->> 'sku' AS sku, (answer ->> 'version')::bigint AS version, command_id, answer::text
FROM commands
ORDER BY answer ->> 'sku' COLLATE "C", (answer ->> 'version')::bigint, sequence
