-- Files what the broker gave up on, each once: what is open already stays as it is, and so does what was collected since the
-- broker gave it up, and closed.
--
-- Returns the commands that were answered before, with their answers, by their place in the arguments: nothing is filed
-- about them.
WITH new AS (
    SELECT *
    FROM unnest($1::bytea[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::text[],
                $9::text[], $10::bytea[], $11::timestamp[], $12::bytea[], $13::text[], $14::text[], $15::text[],
                $16::text[], $17::text[], $18::text[], $19::text[], $20::text[])
             WITH ORDINALITY
             AS new (origin, partition, reason, error, fingerprint, aggregate_id, command_id, command_type, "user", digest,
                     died_at, body, queue, routing_key, reply_to, correlation_id, user_id, content_type, headers, bundle,
                     ordinality)
),
known AS (
    SELECT new.ordinality, commands.command_id, commands.digest, commands.answer::text AS answer
    FROM new JOIN commands USING (command_id)
    WHERE new.digest IS NOT NULL AND commands.answer IS NOT NULL
),
filed AS (
    INSERT INTO dead_letters
        (origin, partition, state, reason, error, fingerprint, aggregate_id, command_id, command_type, "user", attempts,
         first_at, last_at, queue, routing_key, reply_to, correlation_id, user_id, content_type, headers, body, bundle)
    SELECT DISTINCT ON (origin)
           origin, partition, 'set_aside', reason, error, fingerprint, aggregate_id, command_id, command_type, "user", 0,
           $21::timestamp, $21, queue, routing_key, reply_to, correlation_id, user_id, content_type, headers::json, body,
           bundle
    FROM new
    WHERE NOT EXISTS (SELECT FROM known WHERE known.ordinality = new.ordinality)
      AND NOT EXISTS (SELECT
                      FROM dead_letters AS collected
                      WHERE collected.origin = new.origin
                        AND collected.closed_at IS NOT NULL
                        AND collected.last_at >= new.died_at)
    ORDER BY origin
    ON CONFLICT (origin) WHERE closed_at IS NULL DO NOTHING
)
SELECT ordinality, command_id, digest, answer FROM known
