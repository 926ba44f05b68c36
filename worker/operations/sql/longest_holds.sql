-- Since when the first of all aggregates waits that do, and the one with most commands parked.
SELECT min(since) AS since,
       (SELECT aggregate_id FROM holds ORDER BY parked DESC, aggregate_id LIMIT 1) AS fullest,
       max(parked) AS parked
FROM holds
