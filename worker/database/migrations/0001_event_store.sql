-- The event store of the order worker.
--
-- Cost on an existing database: none, it only creates.
--
-- Identifiers are compared byte by byte (COLLATE "C"): a SKU is what the sender wrote, in every locale.
-- All times are UTC without time zone.

CREATE TABLE events (
    aggregate_id text COLLATE "C" NOT NULL,
    version      bigint NOT NULL CHECK (version > 0),
    event_id     uuid NOT NULL,
    event_type   text NOT NULL,
    data         jsonb NOT NULL,
    "timestamp"  timestamp NOT NULL,
    command_id   uuid,
    PRIMARY KEY (aggregate_id, version)
);
COMMENT ON TABLE events IS 'Every fact, for ever. One aggregate is one SKU; versions start at 1 without a gap.';
COMMENT ON COLUMN events.command_id IS 'The command that caused it; null where a program appended it without one.';

CREATE TABLE snapshots (
    aggregate_id text COLLATE "C" PRIMARY KEY,
    state        jsonb NOT NULL,
    version      bigint NOT NULL CHECK (version >= 0),
    "timestamp"  timestamp NOT NULL
);
COMMENT ON TABLE snapshots IS 'A fold of events 1 to version, kept to save folding; never the truth.';

CREATE TABLE audit_log (
    "timestamp" timestamp NOT NULL,
    "user"      text NOT NULL,
    delta       bigint NOT NULL,
    sku         text COLLATE "C" NOT NULL,
    location    text COLLATE "C" NOT NULL,
    balance     bigint NOT NULL CHECK (balance >= 0),
    command_id  uuid,
    event_id    uuid NOT NULL,
    reason      text,
    order_id    text,
    version     bigint NOT NULL,
    PRIMARY KEY (sku, version, location)
);
COMMENT ON TABLE audit_log IS 'One row per delta: when, who, which command, how many units, balance after. Append-only.';

CREATE TABLE commands (
    command_id uuid PRIMARY KEY,
    digest     bytea NOT NULL,
    partition  smallint NOT NULL,
    sequence   bigint NOT NULL CHECK (sequence > 0),
    answer     json NOT NULL,
    UNIQUE (partition, sequence)
);
COMMENT ON TABLE commands IS 'Every command that was decided and its answer, byte for byte as it was sent. Kept for ever.';
COMMENT ON COLUMN commands.digest IS 'Of what the command asks for; the same id with another digest is a conflict.';
COMMENT ON COLUMN commands.sequence IS 'Gapless per partition, over applied and rejected commands alike.';

CREATE TABLE stock_levels (
    sku      text COLLATE "C" NOT NULL,
    location text COLLATE "C" NOT NULL,
    on_hand  bigint NOT NULL CHECK (on_hand >= 0),
    reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    version  bigint NOT NULL CHECK (version > 0),
    PRIMARY KEY (sku, location),
    CHECK (reserved <= on_hand)
) WITH (fillfactor = 70);
COMMENT ON TABLE stock_levels IS 'The read model: the fold of all events, written in the same statement as they are.';
COMMENT ON COLUMN stock_levels.version IS 'Of the last event that touched this location.';

-- Small and updated with every batch: room in each page keeps the updates in place.
CREATE TABLE partitions (
    partition  smallint PRIMARY KEY CHECK (partition >= 0),
    owner      text,
    epoch      bigint NOT NULL DEFAULT 0,
    sequence   bigint NOT NULL DEFAULT 0,
    claimed_at timestamp
) WITH (fillfactor = 10);
COMMENT ON TABLE partitions IS 'The fence: a commit names the epoch it was claimed with, and a stale one writes nothing.';

CREATE TABLE topology (
    only_row        boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    partition_count smallint NOT NULL CHECK (partition_count BETWEEN 1 AND 100),
    recorded_at     timestamp NOT NULL
);
COMMENT ON TABLE topology IS 'How many partitions the SKUs are spread over; fixed when the first worker started.';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is not allowed', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation',
              HINT = 'Correct a mistake by appending: a new command, with a reason.';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON commands
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ALWAYS: they also fire in sessions that switch ordinary triggers off (session_replication_role).
ALTER TABLE audit_log ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE events ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE commands ENABLE ALWAYS TRIGGER append_only;
