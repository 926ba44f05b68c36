-- Whole orders, and commands that are answered later than they are recorded.
--
-- Cost on an existing database: two columns lose NOT NULL, which touches no row; the new index on `reservations`
-- reads that table once and, meanwhile, makes its writers wait.

CREATE TABLE orders (
    aggregate_id text COLLATE "C" PRIMARY KEY,
    partition    smallint NOT NULL,
    command_id   uuid NOT NULL,
    status       text NOT NULL CHECK (status IN ('pending', 'sold', 'refused', 'cancelled', 'expired')),
    deadline     timestamp NOT NULL,
    placed       json NOT NULL,
    progress     json NOT NULL,
    version      bigint NOT NULL CHECK (version > 0),
    moved_at     timestamp NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE orders IS 'The fold of all events of whole orders. One aggregate is one order, order:<its id>.';
COMMENT ON COLUMN orders.command_id IS 'The command that placed it.';
COMMENT ON COLUMN orders.placed IS 'What was ordered: the data of its first event.';
COMMENT ON COLUMN orders.progress IS 'What its lines got so far, and who is to be answered.';
COMMENT ON COLUMN orders.moved_at IS 'When its last event was written.';

-- Only what is in work: it finds what is due or stands still, however many orders ever were. Nothing in it changes
-- from step to step, so that the steps update in place.
CREATE INDEX orders_pending ON orders (partition, deadline) WHERE status = 'pending';

-- What orders hold at this moment.
CREATE INDEX reservations_of_orders ON reservations (partition)
    WHERE status = 'held' AND reservation_id LIKE 'order:%';

-- An order's command has its row, and so its id, from the moment it is placed; its answer and number come once it is
-- decided.
ALTER TABLE commands ALTER COLUMN sequence DROP NOT NULL, ALTER COLUMN answer DROP NOT NULL;
ALTER TABLE commands ADD CONSTRAINT commands_answered_at_once CHECK ((sequence IS NULL) = (answer IS NULL)) NOT VALID;
COMMENT ON COLUMN commands.sequence IS
    'Gapless per partition, over applied and rejected commands alike. Null, as the answer, while an order is pending.';

DROP TRIGGER append_only ON commands;
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON commands
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER answered_once BEFORE UPDATE ON commands
    FOR EACH ROW
    WHEN (OLD.sequence IS NOT NULL
          OR (NEW.command_id, NEW.digest, NEW.partition) IS DISTINCT FROM (OLD.command_id, OLD.digest, OLD.partition))
    EXECUTE FUNCTION refuse_change();
ALTER TABLE commands ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE commands ENABLE ALWAYS TRIGGER answered_once;
