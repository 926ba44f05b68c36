-- How many letters of plan $1 are not done.
SELECT count(*) AS count FROM replay_plan_items WHERE plan_id = $1 AND state IN ('planned', 'requested')
