-- The next $2 letters of dry run $1 that it has not decided, with all others in it about the same SKUs and orders.
--
-- Each item is found by its letter. By its plan, all would be read for each slice.
WITH next AS (
    SELECT item.letter_id, letter.aggregate_id
    FROM (SELECT ordinal, letter_id
          FROM replay_plan_items
          WHERE plan_id = $1 AND state = 'planned'
          ORDER BY ordinal
          LIMIT $2) AS item
    JOIN dead_letters AS letter USING (letter_id)
),
lines AS MATERIALIZED (
    SELECT letter_id FROM next
    UNION
    SELECT letter.letter_id
    FROM (SELECT DISTINCT aggregate_id FROM next) AS named JOIN dead_letters AS letter USING (aggregate_id)
)
SELECT item.ordinal, item.letter_id, letter.aggregate_id, letter.place IS NOT NULL AND letter.closed_at IS NULL AS in_line,
       hold.aggregate_id IS NOT NULL AS waits, hold.head
FROM lines
CROSS JOIN LATERAL (SELECT planned.plan_id, planned.ordinal, planned.letter_id
                    FROM replay_plan_items AS planned
                    WHERE planned.letter_id = lines.letter_id AND planned.state = 'planned'
                    OFFSET 0) AS item
JOIN dead_letters AS letter ON letter.letter_id = item.letter_id
LEFT JOIN holds AS hold ON hold.aggregate_id = letter.aggregate_id
WHERE item.plan_id = $1
ORDER BY item.ordinal
