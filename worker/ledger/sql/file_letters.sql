-- Files the letters of a batch: everything or nothing, in one round trip.
--
-- Returns rows 'filed', one for each hold that the letters belong to, one for each command that crashed unread and has an
-- answer all the same, and one without either; or rows 'known', commands that were answered meanwhile; or rows 'full',
-- aggregates (null: all) that have no room for more parked commands. No row: the epoch is stale. Nothing is written in the
-- last three cases. A letter that is open already is not filed twice.
WITH new AS (
    SELECT *
    FROM unnest($3::bytea[], $4::smallint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::uuid[],
                $11::text[], $12::text[], $13::bytea[], $14::bytea[], $15::text[], $16::text[], $17::text[], $18::text[],
                $19::text[], $20::text[], $21::text[], $22::text[])
             WITH ORDINALITY
             AS new (origin, partition, state, reason, error, fingerprint, aggregate_id, command_id, command_type, "user",
                     digest, body, queue, routing_key, reply_to, correlation_id, user_id, content_type, headers, bundle,
                     ordinality)
),
known AS (
    SELECT DISTINCT commands.command_id, commands.digest, commands.answer::text AS answer
    FROM new JOIN commands USING (command_id)
    WHERE new.digest IS NOT NULL AND commands.answer IS NOT NULL
),
placed AS (
    SELECT new.*, open.letter_id, open.state AS open_state,
           CASE WHEN new.state = 'held' AND hold.aggregate_id IS NOT NULL THEN 'parked' ELSE new.state END AS new_state,
           CASE WHEN new.state IN ('held', 'parked')
                THEN coalesce(hold.next_place, 1) - 1
                     + row_number() OVER (PARTITION BY new.aggregate_id ORDER BY new.ordinality)
           END AS place
    FROM new
    LEFT JOIN holds AS hold ON hold.aggregate_id = new.aggregate_id
    LEFT JOIN dead_letters AS open ON open.origin = new.origin AND open.closed_at IS NULL
),
coming AS (
    SELECT aggregate_id, count(*) AS parked
    FROM placed
    WHERE (letter_id IS NULL OR open_state = 'set_aside') AND new_state = 'parked'
    GROUP BY aggregate_id
),
crowded AS (
    SELECT coming.aggregate_id
    FROM coming LEFT JOIN holds USING (aggregate_id)
    WHERE coming.parked + coalesce(holds.parked, 0) > $23
    UNION ALL
    SELECT NULL
    FROM (SELECT sum(parked) AS parked FROM coming) AS all_coming
    WHERE all_coming.parked + (SELECT coalesce(sum(parked), 0) FROM holds) > $24
),
gate AS (
    UPDATE partitions
    SET epoch = epoch
    WHERE partition = $1 AND epoch = $2 AND NOT EXISTS (SELECT FROM known) AND NOT EXISTS (SELECT FROM crowded)
    RETURNING partition
),
filed AS (
    INSERT INTO dead_letters
        (origin, partition, state, reason, error, fingerprint, aggregate_id, place, command_id, command_type, "user",
         attempts, first_at, last_at, queue, routing_key, reply_to, correlation_id, user_id, content_type, headers, body,
         bundle)
    SELECT origin, placed.partition, new_state, reason, error, fingerprint, aggregate_id, place, command_id, command_type,
           "user", CASE WHEN state = 'parked' THEN 0 ELSE 1 END, $25, $25, queue, routing_key, reply_to, correlation_id,
           user_id, content_type, headers::json, body, bundle
    FROM placed, gate
    WHERE letter_id IS NULL
    ORDER BY ordinality
    RETURNING letter_id, aggregate_id, state, place
),
again AS (
    -- What was set aside takes its place in the line that it belongs to now.
    UPDATE dead_letters AS letter
    SET attempts = letter.attempts + tried.count, last_at = CASE WHEN tried.count = 1 THEN $25 ELSE letter.last_at END,
        reason = CASE WHEN tried.count = 1 THEN placed.reason ELSE letter.reason END,
        error = CASE WHEN tried.count = 1 THEN placed.error ELSE letter.error END,
        fingerprint = CASE WHEN tried.count = 1 THEN placed.fingerprint ELSE letter.fingerprint END,
        state = placed.new_state, place = placed.place
    FROM placed, gate, LATERAL (SELECT (placed.state <> 'parked')::integer AS count) AS tried
    WHERE letter.letter_id = placed.letter_id AND letter.state = 'set_aside'
    RETURNING letter.letter_id, letter.aggregate_id, letter.state, letter.place
),
lined AS (
    SELECT * FROM filed WHERE state <> 'set_aside'
    UNION ALL
    SELECT * FROM again WHERE state <> 'set_aside'
),
line AS (
    SELECT aggregate_id, max(letter_id) FILTER (WHERE state = 'held') AS head,
           count(*) FILTER (WHERE state = 'parked') AS parked, max(place) + 1 AS next_place
    FROM lined
    GROUP BY aggregate_id
),
begun AS (
    INSERT INTO holds (aggregate_id, partition, head, parked, next_place, since)
    SELECT aggregate_id, $1, head, parked, next_place, $25
    FROM line
    WHERE aggregate_id NOT IN (SELECT aggregate_id FROM holds)
    RETURNING aggregate_id, head, parked, operator, why
),
grown AS (
    UPDATE holds
    SET parked = holds.parked + line.parked, next_place = line.next_place
    FROM line
    WHERE holds.aggregate_id = line.aggregate_id
    RETURNING holds.aggregate_id, holds.head, holds.parked, holds.operator, holds.why
)
SELECT 'filed' AS state, aggregate_id, head, parked, operator, why, NULL::uuid AS command_id, NULL::bytea AS digest,
       NULL::text AS answer
FROM (SELECT * FROM begun UNION ALL SELECT * FROM grown) AS held
UNION ALL
SELECT 'filed', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM gate
UNION ALL
SELECT 'filed', NULL, NULL, NULL, NULL, NULL, commands.command_id, NULL, NULL
FROM gate, new JOIN commands USING (command_id)
WHERE new.digest IS NULL AND new.reason = 'crashed' AND commands.answer IS NOT NULL
UNION ALL
SELECT 'known', NULL, NULL, NULL, NULL, NULL, command_id, digest, answer FROM known
UNION ALL
SELECT 'full', aggregate_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM crowded
