-- Appends consecutive events of one aggregate, with the audit and the stock rows of those that move stock.
-- Where $17 says so, the rows of other items that lag behind are brought up to date, too.
WITH wanted AS (
    SELECT $2::text AS aggregate_id WHERE $17::boolean
),
-- include lagging_levels
,
gate AS (
    SELECT $5::timestamp AS committed_at
),
new_event AS (
    SELECT $2::text AS aggregate_id, new.version, new.event_id::uuid AS event_id, new.event_type, new.data,
           NULL::uuid AS command_id
    FROM unnest($1::text[], $3::text[], $4::text[], $6::bigint[]) AS new (event_id, event_type, data, version)
),
new_audit AS (
    SELECT $7::text AS "user", new.delta, $2::text AS sku, new.location, new.balance, NULL::uuid AS command_id,
           new.event_id::uuid AS event_id, NULL::text AS reason, NULL::text AS order_id, new.version,
           0::bigint AS reserved_delta
    FROM unnest($8::bigint[], $9::text[], $10::bigint[], $11::text[], $12::bigint[])
             AS new (delta, location, balance, event_id, version)
),
new_level AS (
    SELECT $2::text AS sku, new.location, new.on_hand, new.reserved, new.version
    FROM unnest($13::text[], $14::bigint[], $15::bigint[], $16::bigint[])
             AS new (location, on_hand, reserved, version)
    UNION ALL
    SELECT sku, location, on_hand, reserved, version FROM lagging WHERE location <> ALL ($13::text[])
),
-- include writes
SELECT committed_at FROM gate
