-- The next $2 letters of dry run $1 that it has not decided, with all others in it about the same SKUs and orders.
WITH next AS (
    SELECT item.letter_id, letter.aggregate_id
    FROM (SELECT ordinal, letter_id
          FROM replay_plan_items
          WHERE plan_id = $1 AND state = 'planned'
          ORDER BY ordinal
          LIMIT $2) AS item
    JOIN dead_letters AS letter USING (letter_id)
)
SELECT item.ordinal, item.letter_id, letter.aggregate_id, letter.place IS NOT NULL AND letter.closed_at IS NULL AS in_line,
       hold.aggregate_id IS NOT NULL AS waits, hold.head
FROM replay_plan_items AS item
JOIN dead_letters AS letter USING (letter_id)
LEFT JOIN holds AS hold ON hold.aggregate_id = letter.aggregate_id
WHERE item.plan_id = $1
  AND item.state = 'planned'
  AND (letter.aggregate_id IN (SELECT aggregate_id FROM next) OR letter.letter_id IN (SELECT letter_id FROM next))
ORDER BY item.ordinal
