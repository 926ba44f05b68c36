-- Makes the matching letters items of plan $12, in their order, and says what was taken, by cause, and what was left out.
--
-- left_out is null for what was taken; letter_id and because_of are those of one example: the letter that it waits
-- behind, or the plan that has it.
WITH matched AS MATERIALIZED (
    SELECT letter.letter_id, letter.fingerprint, letter.reason,
           CASE
               WHEN letter.closed_at IS NOT NULL THEN 'closed'
               WHEN letter.state = 'parked' THEN 'parked'
               WHEN request.letter_id IS NOT NULL THEN 'asked_for'
               WHEN item.letter_id IS NOT NULL THEN 'planned'
           END AS left_out,
           CASE
               WHEN letter.state = 'parked' THEN hold.head
               WHEN request.letter_id IS NOT NULL THEN request.plan_id
               ELSE item.plan_id
           END AS because_of
    FROM dead_letters AS letter
    LEFT JOIN holds AS hold ON hold.aggregate_id = letter.aggregate_id
    LEFT JOIN dead_letter_requests AS request ON request.letter_id = letter.letter_id
    -- Looked up by its key, letter by letter, whatever the statistics say of plans that have ended since.
    LEFT JOIN LATERAL (SELECT planned.letter_id, planned.plan_id
                       FROM replay_plan_items AS planned
                       WHERE planned.letter_id = letter.letter_id AND planned.state IN ('planned', 'requested')
                       OFFSET 0) AS item ON true
    WHERE {matching}
), taken AS (
    INSERT INTO replay_plan_items (plan_id, ordinal, letter_id, state)
    SELECT $12, row_number() OVER (ORDER BY letter_id), letter_id, 'planned'
    FROM matched
    WHERE left_out IS NULL
    ORDER BY letter_id
), counted AS (
    SELECT left_out, fingerprint, reason, count(*) AS count, min(letter_id) AS letter_id
    FROM (
        SELECT left_out, letter_id,
               CASE WHEN left_out IS NULL THEN fingerprint END AS fingerprint,
               CASE WHEN left_out IS NULL THEN reason END AS reason
        FROM matched
    ) AS told
    GROUP BY left_out, fingerprint, reason
)
SELECT counted.*, matched.because_of
FROM counted JOIN matched USING (letter_id)
ORDER BY counted.count DESC, counted.letter_id
