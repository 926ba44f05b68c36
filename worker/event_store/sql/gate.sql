-- Lets the batch in: the fence, the number of the last answer, and nothing answered before.
--
-- Included by statements that commit a batch.
gate AS (
    UPDATE partitions
    SET sequence = sequence + cardinality($4::uuid[])
    WHERE partition = $1 AND epoch = $2 AND sequence = $3 AND NOT EXISTS (SELECT FROM answered)
    RETURNING partition, $7::timestamp AS committed_at
),
