-- What was answered to the commands $1; null where that is still to come.
SELECT command_id, digest, answer::text AS answer FROM commands WHERE command_id = ANY ($1::uuid[])
