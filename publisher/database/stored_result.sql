-- The answer of a command, exactly as it was sent; none while an order is pending.
SELECT answer::text AS answer
FROM commands
WHERE command_id = $1 AND answer IS NOT NULL
