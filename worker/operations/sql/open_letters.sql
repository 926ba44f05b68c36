-- Dead letters that are not closed, by what they do to others.
SELECT state, count(*) AS letters FROM dead_letters WHERE closed_at IS NULL GROUP BY state
