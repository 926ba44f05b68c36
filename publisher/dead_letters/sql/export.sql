-- The next $13 matching letters after $12, whole.
SELECT letter.letter_id, letter.partition, letter.state, letter.reason, letter.fingerprint, letter.aggregate_id,
       letter.command_id, letter.command_type, letter."user", letter.attempts, letter.first_at, letter.last_at,
       letter.closed_at, letter.outcome, letter.outcome_reason, left(letter.error, 200) AS error_begin,
       letter.error, letter.queue, letter.routing_key, letter.reply_to, letter.correlation_id, letter.user_id,
       letter.content_type, letter.headers, letter.bundle, letter.body, letter.corrected_body
FROM dead_letters AS letter
WHERE letter.letter_id > $12 AND {matching}
ORDER BY letter.letter_id
LIMIT $13
