-- Makes every term of the partitions $1 stale: a lane that holds one commits nothing any more.
UPDATE partitions SET epoch = epoch + 1 WHERE partition = ANY ($1::smallint[])
