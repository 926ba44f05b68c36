-- How far every partition is, what each location holds of the SKUs $1, and of each partition in $2 up to $4
-- answers beyond the number in $3: one statement, so one instant.
--
-- Rows with a partition come without a SKU, and the other way round. A SKU without stock has one row
-- without a location; newest_version is that of its last event, whether or not it moved stock.
SELECT partition, epoch, sequence,
       NULL::text AS sku, NULL::bigint AS newest_version,
       NULL::text AS location, NULL::bigint AS on_hand, NULL::bigint AS reserved, NULL::bigint AS version,
       NULL::text AS answer
FROM partitions
UNION ALL
SELECT NULL, NULL, NULL,
       wanted.sku, coalesce(newest.version, 0),
       level.location, level.on_hand, level.reserved, level.version,
       NULL
FROM unnest($1::text[]) AS wanted (sku)
LEFT JOIN LATERAL (
    SELECT version FROM events WHERE events.aggregate_id = wanted.sku ORDER BY version DESC LIMIT 1
) AS newest ON true
LEFT JOIN stock_levels AS level ON level.sku = wanted.sku
UNION ALL
SELECT NULL, NULL, late.sequence,
       NULL, NULL,
       NULL, NULL, NULL, NULL,
       late.answer
FROM unnest($2::smallint[], $3::bigint[]) AS shown (partition, sequence)
CROSS JOIN LATERAL (
    SELECT commands.sequence, commands.answer::text AS answer
    FROM commands
    WHERE commands.partition = shown.partition AND commands.sequence > shown.sequence
    ORDER BY commands.sequence LIMIT $4
) AS late
