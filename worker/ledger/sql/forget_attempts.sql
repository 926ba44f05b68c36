-- The messages $2 of partition $1 are ended; what was begun before $3 will not come again, its queue was emptied.
DELETE FROM delivery_attempts WHERE partition = $1 AND (digest = ANY ($2::bytea[]) OR last_at < $3)
