-- Writes what became of letters: the letters, the requests for them, the plans they are part of, the deeds, and the lines.
--
-- $17 to $21 are the holds as they stand afterwards, $22 the aggregates that wait no longer. No row: the epoch is stale, and
-- nothing is written.
--
-- A letter that stands in the line of another lane stays there. It was set aside when it was read, to be edited into a command
-- of this lane, and a copy of the original has failed in the other one since: closed, it would hold its aggregate for good.
WITH verdict AS (
    SELECT new.*, hold.next_place - 1 + row_number() OVER (PARTITION BY letter.aggregate_id, new.state = 'parked'
                                                           ORDER BY letter_id) AS new_place
    FROM unnest($4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::boolean[], $10::text[], $11::text[],
                $12::text[], $13::text[], $14::text[], $15::text[], $16::bytea[])
             AS new (letter_id, deed, operator, why, state, tried, outcome, outcome_reason, message, reason, error,
                     fingerprint, corrected_body)
    JOIN dead_letters AS letter USING (letter_id)
    LEFT JOIN holds AS hold ON hold.aggregate_id = letter.aggregate_id
),
gate AS (
    UPDATE partitions SET epoch = epoch WHERE partition = $1 AND epoch = $2 RETURNING partition
),
settled AS (
    UPDATE dead_letters AS letter
    SET state = verdict.state,
        closed_at = CASE WHEN verdict.state IN ('replayed', 'edited', 'skipped') THEN $3::timestamp END,
        outcome = verdict.outcome, outcome_reason = verdict.outcome_reason,
        attempts = letter.attempts + verdict.tried::integer,
        last_at = CASE WHEN verdict.tried THEN $3 ELSE letter.last_at END,
        reason = coalesce(verdict.reason, letter.reason), error = coalesce(verdict.error, letter.error),
        fingerprint = coalesce(verdict.fingerprint, letter.fingerprint),
        corrected_body = coalesce(verdict.corrected_body, letter.corrected_body),
        place = CASE WHEN verdict.state = 'parked' THEN verdict.new_place ELSE letter.place END
    FROM verdict, gate
    WHERE letter.letter_id = verdict.letter_id
      AND verdict.state IS NOT NULL
      AND (letter.place IS NULL OR letter.partition = $1)
),
done AS (
    DELETE FROM dead_letter_requests AS request
    USING verdict, gate
    WHERE request.letter_id = verdict.letter_id
    RETURNING request.letter_id, request.plan_id
),
told AS (
    -- What a plan has not asked for yet, others have seen to: the plan finds that out, and says so, when it comes to it.
    UPDATE replay_plan_items AS item
    SET state = 'done', outcome = verdict.outcome, outcome_reason = verdict.outcome_reason, message = verdict.message,
        done_at = $3
    FROM verdict, gate
    WHERE item.letter_id = verdict.letter_id
      -- Found by their letters, also by a plan from when there were few items: else those of all plans may be read.
      AND item.letter_id = ANY ($4::bigint[])
      AND item.state = 'requested'
      AND verdict.state IS DISTINCT FROM 'parked'  -- that is decided later, in its turn
),
recorded AS (
    INSERT INTO dead_letter_deeds ("at", operator, why, deed, letter_id, plan_id, before, after)
    SELECT $3, verdict.operator, verdict.why, verdict.deed, verdict.letter_id, done.plan_id,
           json_build_object('state', letter.state, 'attempts', letter.attempts, 'reason', letter.reason,
                             'error', letter.error),
           json_build_object('state', coalesce(verdict.state, letter.state),
                             'attempts', letter.attempts + verdict.tried::integer,
                             'outcome', verdict.outcome, 'outcome_reason', verdict.outcome_reason,
                             'error', verdict.error, 'message', verdict.message)
    FROM gate, verdict JOIN dead_letters AS letter USING (letter_id) LEFT JOIN done USING (letter_id)
),
held AS (
    UPDATE holds AS hold
    SET head = now.head, parked = now.parked, operator = now.operator, why = now.why,
        next_place = hold.next_place + cardinality($4::bigint[])
    FROM gate,
         unnest($17::text[], $18::bigint[], $19::integer[], $20::text[], $21::text[])
             AS now (aggregate_id, head, parked, operator, why)
    WHERE hold.aggregate_id = now.aggregate_id
),
ended AS (
    DELETE FROM holds AS hold USING gate WHERE hold.aggregate_id = ANY ($22::text[])
)
SELECT partition FROM gate
