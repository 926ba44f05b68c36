-- What every append writes, whoever appends: events, the audit of what they moved, the stock rows after them.
--
-- Included by statements that define `gate` (one row with committed_at, or none: then nothing is
-- written) and the rows to write: new_event, new_audit, new_level.
appended AS (
    INSERT INTO events (aggregate_id, version, event_id, event_type, data, "timestamp", command_id)
    SELECT new.aggregate_id, new.version, new.event_id, new.event_type, new.data::jsonb, gate.committed_at,
           new.command_id
    FROM gate, new_event AS new
),
audited AS (
    INSERT INTO audit_log
        ("timestamp", "user", delta, sku, location, balance, command_id, event_id, reason, order_id, version, reserved_delta)
    SELECT gate.committed_at, new."user", new.delta, new.sku, new.location, new.balance, new.command_id,
           new.event_id, new.reason, new.order_id, new.version, new.reserved_delta
    FROM gate, new_audit AS new
),
levelled AS (
    INSERT INTO stock_levels (sku, location, on_hand, reserved, version)
    SELECT new.sku, new.location, new.on_hand, new.reserved, new.version
    FROM gate, new_level AS new
    ON CONFLICT (sku, location) DO UPDATE
    SET on_hand = excluded.on_hand, reserved = excluded.reserved, version = excluded.version
)
