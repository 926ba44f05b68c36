-- Partitions whose lanes have something to look at: what operators ask for, and lines that were let go and not finished.
--
-- Of the partitions $1 all, of the others those where it has waited for $2 already. newest: of the last that was asked.
WITH waiting AS (
    SELECT partition, max(requested_at) AS newest,
           min(requested_at) <= clock_timestamp() AT TIME ZONE 'utc' - $2::interval AS overdue
    FROM dead_letter_requests
    GROUP BY partition
    UNION ALL
    SELECT partition, NULL, true FROM holds WHERE head IS NULL GROUP BY partition
)
SELECT partition, max(newest) AS newest
FROM waiting
WHERE partition = ANY ($1::smallint[]) OR overdue
GROUP BY partition
ORDER BY partition
