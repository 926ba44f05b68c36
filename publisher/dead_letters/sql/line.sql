-- The line in which letter $1 stands: what holds it, how many are before and after it, and the next $2 after it.
SELECT hold.head, hold.since,
       count(*) FILTER (WHERE other.place < letter.place) AS ahead,
       count(*) FILTER (WHERE other.place > letter.place) AS behind,
       coalesce((array_agg(other.letter_id ORDER BY other.place) FILTER (WHERE other.place > letter.place))[:$2], '{}')
           AS next_behind
FROM dead_letters AS letter
JOIN holds AS hold ON hold.aggregate_id = letter.aggregate_id
JOIN dead_letters AS other
    ON other.aggregate_id = letter.aggregate_id AND other.closed_at IS NULL AND other.place IS NOT NULL
WHERE letter.letter_id = $1 AND letter.closed_at IS NULL AND letter.place IS NOT NULL
GROUP BY hold.head, hold.since
