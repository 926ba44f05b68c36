-- Makes $2 the owner of partition $1; from now on commits with an older epoch write nothing.
UPDATE partitions
SET epoch = epoch + 1, owner = $2, claimed_at = now() AT TIME ZONE 'UTC'
WHERE partition = $1
RETURNING epoch, sequence
