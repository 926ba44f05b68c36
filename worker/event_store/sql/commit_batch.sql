-- Commits one batch of a lane: everything or nothing, in one round trip.
--
-- Returns one row with state 'committed'; or, where a command was answered before, one row
-- 'answered' for each of those, and nothing is written; or no row: the epoch is stale or the
-- sequence has moved on, and nothing is written either. Every write hangs off the fence.
WITH answered AS (
    SELECT command_id, digest, answer
    FROM commands
    WHERE command_id = ANY ($4::uuid[])
),
fence AS (
    UPDATE partitions
    SET sequence = sequence + cardinality($4::uuid[])
    WHERE partition = $1 AND epoch = $2 AND sequence = $3 AND NOT EXISTS (SELECT FROM answered)
    RETURNING partition
),
recorded AS (
    INSERT INTO commands (command_id, digest, partition, sequence, answer)
    SELECT new.command_id, new.digest, fence.partition, $3 + new.place, new.answer::json
    FROM fence,
         unnest($4::uuid[], $5::bytea[], $6::text[]) WITH ORDINALITY AS new (command_id, digest, answer, place)
),
appended AS (
    INSERT INTO events (aggregate_id, version, event_id, event_type, data, "timestamp", command_id)
    SELECT new.aggregate_id, new.version, new.event_id, new.event_type, new.data::jsonb, $7::timestamp, new.command_id
    FROM fence,
         unnest($8::text[], $9::bigint[], $10::uuid[], $11::text[], $12::text[], $13::uuid[])
             AS new (aggregate_id, version, event_id, event_type, data, command_id)
),
audited AS (
    INSERT INTO audit_log
        ("timestamp", "user", delta, sku, location, balance, command_id, event_id, reason, order_id, version)
    SELECT $7::timestamp, new."user", new.delta, new.sku, new.location, new.balance, new.command_id, new.event_id,
           new.reason, new.order_id, new.version
    FROM fence,
         unnest($14::text[], $15::bigint[], $16::text[], $17::text[], $18::bigint[], $19::uuid[], $20::uuid[],
                $21::text[], $22::text[], $23::bigint[])
             AS new ("user", delta, sku, location, balance, command_id, event_id, reason, order_id, version)
),
levelled AS (
    INSERT INTO stock_levels (sku, location, on_hand, reserved, version)
    SELECT new.sku, new.location, new.on_hand, new.reserved, new.version
    FROM fence,
         unnest($24::text[], $25::text[], $26::bigint[], $27::bigint[], $28::bigint[])
             AS new (sku, location, on_hand, reserved, version)
    ON CONFLICT (sku, location) DO UPDATE
    SET on_hand = excluded.on_hand, reserved = excluded.reserved, version = excluded.version
)
SELECT 'committed' AS state, NULL::uuid AS command_id, NULL::bytea AS digest, NULL::text AS answer FROM fence
UNION ALL
SELECT 'answered', command_id, digest, answer::text FROM answered
