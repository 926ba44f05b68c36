-- Everything about letter $1 but its deeds, and the line of its SKU or order.
SELECT letter.letter_id, letter.partition, letter.state, letter.reason, letter.fingerprint, letter.aggregate_id,
       letter.command_id, letter.command_type, letter."user", letter.attempts, letter.first_at, letter.last_at,
       letter.closed_at, letter.outcome, letter.outcome_reason, left(letter.error, 200) AS error_begin,
       letter.error, letter.queue, letter.routing_key, letter.reply_to, letter.correlation_id, letter.user_id,
       letter.content_type, letter.headers, letter.bundle, letter.body, letter.corrected_body,
       request.action, request.operator, request.why, request.plan_id, request.requested_at,
       item.plan_id AS running_plan_id
FROM dead_letters AS letter
LEFT JOIN dead_letter_requests AS request ON request.letter_id = letter.letter_id
LEFT JOIN replay_plan_items AS item
    ON item.letter_id = letter.letter_id AND item.state IN ('planned', 'requested') AND letter.closed_at IS NULL
WHERE letter.letter_id = $1
