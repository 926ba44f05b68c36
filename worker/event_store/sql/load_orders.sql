-- The orders of the names $1: the newest version of their events, their row, and what became of their command.
SELECT wanted.aggregate_id, coalesce(newest.version, 0) AS newest_version, orders.version,
       orders.placed::text AS placed, orders.progress::text AS progress, orders.status,
       commands.command_id, commands.digest, commands.answer::text AS answer
FROM unnest($1::text[]) AS wanted (aggregate_id)
LEFT JOIN LATERAL (
    SELECT version FROM events WHERE events.aggregate_id = wanted.aggregate_id ORDER BY version DESC LIMIT 1
) AS newest ON true
LEFT JOIN orders USING (aggregate_id)
LEFT JOIN commands USING (command_id)
