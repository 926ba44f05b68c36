-- The plans that are at work: dry runs ($1), or real ones.
SELECT plan_id FROM replay_plans WHERE state = 'running' AND dry_run = $1 ORDER BY plan_id
