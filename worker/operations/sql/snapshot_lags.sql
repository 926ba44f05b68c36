-- Of the next aggregates after $1 that have events, at most $2: how many events each has beyond its
-- snapshot. Each step of the recursion jumps to the next aggregate in the index.
WITH RECURSIVE ids (aggregate_id) AS (
    (SELECT aggregate_id FROM events WHERE aggregate_id > $1 ORDER BY aggregate_id LIMIT 1)
    UNION ALL
    SELECT (SELECT aggregate_id FROM events WHERE aggregate_id > ids.aggregate_id ORDER BY aggregate_id LIMIT 1)
    FROM ids
    WHERE ids.aggregate_id IS NOT NULL
)
SELECT page.aggregate_id,
       (SELECT max(version) FROM events WHERE aggregate_id = page.aggregate_id) - coalesce(snapshots.version, 0) AS lag
FROM (SELECT aggregate_id FROM ids WHERE aggregate_id IS NOT NULL LIMIT $2) AS page
LEFT JOIN snapshots USING (aggregate_id)
ORDER BY page.aggregate_id
