-- How often those of the messages $2 were begun in partition $1 that were not ended.
SELECT digest, attempts FROM delivery_attempts WHERE partition = $1 AND digest = ANY ($2::bytea[])
