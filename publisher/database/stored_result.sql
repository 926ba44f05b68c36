-- The answer of a command, exactly as it was sent.
SELECT answer::text AS answer
FROM commands
WHERE command_id = $1
