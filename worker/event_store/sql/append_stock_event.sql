-- Appends one event that moves stock, with its audit row and the stock row after it.
WITH gate AS (
    SELECT $5::timestamp AS committed_at
),
new_event AS (
    SELECT $2::text AS aggregate_id, $6::bigint AS version, $1::text::uuid AS event_id, $3::text AS event_type,
           $4::text AS data, NULL::uuid AS command_id
),
new_audit AS (
    SELECT $7::text AS "user", $8::bigint AS delta, $2::text AS sku, $9::text AS location, $10::bigint AS balance,
           NULL::uuid AS command_id, $1::text::uuid AS event_id, NULL::text AS reason, NULL::text AS order_id,
           $6::bigint AS version, 0::bigint AS reserved_delta
),
new_level AS (
    SELECT $2::text AS sku, $9::text AS location, $10::bigint AS on_hand, $11::bigint AS reserved,
           $6::bigint AS version
),
-- include writes
SELECT committed_at FROM gate
