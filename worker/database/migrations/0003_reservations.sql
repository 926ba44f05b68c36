-- Units that are held for somebody, and what is held in the audit.
--
-- Cost on an existing database: none, the column is added without touching a row.

CREATE TABLE reservations (
    sku            text COLLATE "C" NOT NULL,
    reservation_id text COLLATE "C" NOT NULL,
    location       text COLLATE "C" NOT NULL,
    partition      smallint NOT NULL,
    quantity       bigint NOT NULL CHECK (quantity > 0),
    held           bigint NOT NULL CHECK (held >= 0),
    fulfilled      bigint NOT NULL CHECK (fulfilled >= 0),
    released       bigint NOT NULL CHECK (released >= 0),
    status         text NOT NULL CHECK (status IN ('held', 'fulfilled', 'released', 'expired')),
    expires_at     timestamp,
    version        bigint NOT NULL CHECK (version > 0),
    PRIMARY KEY (sku, reservation_id),
    CHECK (held + fulfilled + released = quantity),
    CHECK ((status = 'held') = (held > 0))
) WITH (fillfactor = 70);
COMMENT ON TABLE reservations IS 'The fold of all events about reservations. Closed ones stay: their ids are never free again.';
COMMENT ON COLUMN reservations.status IS 'held, or what became of the last units.';
COMMENT ON COLUMN reservations.released IS 'Units given back, by command or by expiry.';
COMMENT ON COLUMN reservations.version IS 'Of the last event about this reservation.';

-- Only what is held: it finds what is due in a partition, however many reservations ever were.
CREATE INDEX reservations_due ON reservations (partition, expires_at) WHERE status = 'held';

ALTER TABLE audit_log ADD COLUMN reserved_delta bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN audit_log.delta IS 'Change of what is on hand; the sum is what is on hand. 0 where units are only held or given back.';
COMMENT ON COLUMN audit_log.reserved_delta IS 'Change of what is reserved; the sum is what is reserved.';
