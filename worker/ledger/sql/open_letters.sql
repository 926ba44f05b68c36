-- What the lane of partition $1 has to decide now: what operators ask for, and the lines that were let go. At most $2 letters,
-- and no more after those whose bodies have $3 bytes together.
--
-- Each line in its order, from its first open letter. A letter that was closed meanwhile comes, too, so that its request is
-- done with.
WITH let_go AS (
    SELECT hold.aggregate_id
    FROM holds AS hold
    WHERE hold.partition = $1
      AND (hold.head IS NULL OR EXISTS (SELECT FROM dead_letter_requests AS request WHERE request.letter_id = hold.head))
),
due AS (
    SELECT line.letter_id
    FROM let_go,
         LATERAL (SELECT letter_id
                  FROM dead_letters
                  WHERE aggregate_id = let_go.aggregate_id AND closed_at IS NULL AND place IS NOT NULL
                  ORDER BY place
                  LIMIT $2) AS line
    UNION
    (SELECT letter_id FROM dead_letter_requests WHERE partition = $1 ORDER BY letter_id LIMIT $2)
),
in_turn AS (
    SELECT letter.letter_id, row_number() OVER turn AS ordinal,
           coalesce(sum(octet_length(letter.body))
                    OVER (turn ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes_before
    FROM due JOIN dead_letters AS letter USING (letter_id)
    WINDOW turn AS (ORDER BY letter.aggregate_id NULLS FIRST, letter.place NULLS LAST, letter.letter_id)
    ORDER BY ordinal
    LIMIT $2
)
SELECT letter.letter_id, letter.state, letter.aggregate_id, letter.command_id, letter.place IS NOT NULL AS in_line,
       hold.head, request.action, request.corrected_body,
       coalesce(request.operator, hold.operator) AS operator, coalesce(request.why, hold.why) AS why,
       letter.body, letter.queue, letter.routing_key, letter.reply_to, letter.correlation_id, letter.user_id,
       letter.content_type, letter.headers::text AS headers, letter.bundle, commands.answer ->> 'outcome' AS answered,
       commands.answer ->> 'reason' AS answered_reason
FROM in_turn
JOIN dead_letters AS letter USING (letter_id)
LEFT JOIN dead_letter_requests AS request USING (letter_id)
LEFT JOIN holds AS hold ON hold.aggregate_id = letter.aggregate_id
LEFT JOIN commands ON commands.command_id = letter.command_id
WHERE in_turn.bytes_before < $3
ORDER BY in_turn.ordinal
