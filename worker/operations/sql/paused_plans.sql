-- Replays that wait for an operator, and why.
SELECT plan_id, note FROM replay_plans WHERE state = 'paused' ORDER BY plan_id
