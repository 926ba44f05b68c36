-- How many items of plan $1 are planned, counted up to $2, and how many are requested.
SELECT (SELECT count(*)
        FROM (SELECT FROM replay_plan_items WHERE plan_id = $1 AND state = 'planned' LIMIT $2) AS planned) AS planned,
       (SELECT count(*) FROM replay_plan_items WHERE plan_id = $1 AND state = 'requested') AS requested
