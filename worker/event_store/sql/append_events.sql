-- Appends consecutive events of one aggregate that move no stock, or any where the tables of stock do not exist.
-- The time as in `append_event`.
INSERT INTO events (event_id, aggregate_id, event_type, data, "timestamp", version)
SELECT new.event_id::uuid, $2::text, new.event_type, new.data::jsonb, moment."timestamp", new.version
FROM unnest($1::text[], $3::text[], $4::text[], $6::bigint[]) AS new (event_id, event_type, data, version),
     json_populate_record(
         NULL::events, json_build_object('timestamp', (to_json($5::timestamp) #>> '{}') || '+00')
     ) AS moment
