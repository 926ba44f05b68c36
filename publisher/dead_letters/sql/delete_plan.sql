-- Plan $1 has no letter: it is taken back before anybody has seen it.
DELETE FROM replay_plans WHERE plan_id = $1
