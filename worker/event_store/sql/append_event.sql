-- Appends one event that moves no stock, or any event where the tables of stock do not exist.
INSERT INTO events (event_id, aggregate_id, event_type, data, "timestamp", version)
VALUES ($1::text::uuid, $2::text, $3::text, $4::text::jsonb, $5::timestamp, $6::bigint)
