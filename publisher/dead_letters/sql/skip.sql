-- Asks for the matching letters to be skipped, for operator $12, who says why: $13. Returns each, and why it was left out.
WITH matched AS MATERIALIZED (
    SELECT letter.letter_id, letter.partition, letter.state, letter.attempts, request.plan_id AS because_of,
           CASE
               WHEN letter.closed_at IS NOT NULL THEN 'closed'
               WHEN request.letter_id IS NOT NULL THEN 'asked_for'
           END AS left_out
    FROM dead_letters AS letter
    LEFT JOIN dead_letter_requests AS request ON request.letter_id = letter.letter_id
    WHERE {matching}
), asked AS (
    INSERT INTO dead_letter_requests (letter_id, partition, action, operator, why, requested_at)
    SELECT letter_id, partition, 'skip', $12, $13, clock_timestamp() AT TIME ZONE 'UTC'
    FROM matched
    WHERE left_out IS NULL
    ORDER BY letter_id
    -- Workers ask for what is planned, and do not wait for operators.
    ON CONFLICT (letter_id) DO NOTHING
    RETURNING letter_id, requested_at
), recorded AS (
    INSERT INTO dead_letter_deeds ("at", operator, why, deed, letter_id, before, after)
    SELECT asked.requested_at, $12, $13, 'asked_skip', letter_id,
           json_build_object('state', matched.state, 'attempts', matched.attempts),
           json_build_object('action', 'skip')
    FROM asked JOIN matched USING (letter_id)
)
SELECT matched.letter_id, matched.because_of,
       CASE WHEN asked.letter_id IS NULL THEN coalesce(matched.left_out, 'asked_for') END AS left_out
FROM matched LEFT JOIN asked USING (letter_id)
ORDER BY matched.letter_id
