-- The letters $1, as their lane would read them.
SELECT letter.letter_id, letter.state, letter.reason, letter.partition, letter.aggregate_id, letter.command_id,
       letter.place IS NOT NULL AS in_line, hold.head, letter.body, letter.queue, letter.routing_key, letter.reply_to,
       letter.correlation_id, letter.user_id, letter.content_type, letter.headers::text AS headers,
       letter.bundle
FROM dead_letters AS letter LEFT JOIN holds AS hold ON hold.aggregate_id = letter.aggregate_id
WHERE letter_id = ANY ($1::bigint[])
