-- Asks for $3 to be decided in place of letter $1, in partition $2, for operator $4, who says why: $5.
-- No row: something is asked for already.
WITH asked AS (
    INSERT INTO dead_letter_requests (letter_id, partition, action, corrected_body, operator, why, requested_at)
    VALUES ($1, $2, 'edit', $3::bytea, $4, $5, clock_timestamp() AT TIME ZONE 'UTC')
    ON CONFLICT (letter_id) DO NOTHING
    RETURNING letter_id, requested_at
), recorded AS (
    INSERT INTO dead_letter_deeds ("at", operator, why, deed, letter_id, before, after)
    SELECT asked.requested_at, $4, $5, 'asked_edit', letter_id,
           json_build_object('state', letter.state, 'attempts', letter.attempts),
           json_build_object('action', 'edit', 'corrected_body', convert_from($3, 'UTF8'))
    FROM asked JOIN dead_letters AS letter USING (letter_id)
)
SELECT letter_id FROM asked
