-- The rows of a lane's batch.
--
-- Included by statements that commit a batch.
new_event AS (
    SELECT *
    FROM unnest($8::text[], $9::bigint[], $10::uuid[], $11::text[], $12::text[], $13::uuid[])
             AS new (aggregate_id, version, event_id, event_type, data, command_id)
),
new_audit AS (
    SELECT *
    FROM unnest($14::text[], $15::bigint[], $16::text[], $17::text[], $18::bigint[], $19::uuid[], $20::uuid[],
                $21::text[], $22::text[], $23::bigint[], $29::bigint[])
             AS new ("user", delta, sku, location, balance, command_id, event_id, reason, order_id, version,
                     reserved_delta)
),
new_level AS (
    SELECT *
    FROM unnest($24::text[], $25::text[], $26::bigint[], $27::bigint[], $28::bigint[])
             AS new (sku, location, on_hand, reserved, version)
),
