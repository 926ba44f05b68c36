-- Dead letters: what could not be processed, what waits behind it, and what operators do about it.
--
-- Cost on an existing database: none, it only creates.

-- Large bodies, headers and errors are stored beside the rows (toast_tuple_target, EXTERNAL); rows of less than 2 KB hold
-- theirs themselves.
CREATE TABLE dead_letters (
    letter_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    origin         bytea NOT NULL,
    partition      smallint NOT NULL,
    state          text NOT NULL CHECK (state IN ('set_aside', 'held', 'parked', 'replayed', 'edited', 'skipped')),
    reason         text NOT NULL,
    fingerprint    text NOT NULL,
    aggregate_id   text COLLATE "C",
    place          bigint,
    command_id     uuid,
    command_type   text,
    "user"         text,
    attempts       integer NOT NULL CHECK (attempts >= 0),
    first_at       timestamp NOT NULL,
    last_at        timestamp NOT NULL,
    closed_at      timestamp,
    outcome        text,
    outcome_reason text,
    error          text NOT NULL,
    queue          text NOT NULL,
    routing_key    text NOT NULL,
    reply_to       text,
    correlation_id text,
    user_id        text,
    content_type   text,
    headers        json NOT NULL,
    body           bytea NOT NULL,
    corrected_body bytea,
    CHECK ((closed_at IS NULL) = (state IN ('set_aside', 'held', 'parked'))),
    CHECK (place IS NOT NULL OR state NOT IN ('held', 'parked')),
    CHECK (aggregate_id IS NOT NULL OR place IS NULL)
) WITH (toast_tuple_target = 128);
ALTER TABLE dead_letters
    ALTER COLUMN error SET STORAGE EXTERNAL,
    ALTER COLUMN headers SET STORAGE EXTERNAL,
    ALTER COLUMN body SET STORAGE EXTERNAL,
    ALTER COLUMN corrected_body SET STORAGE EXTERNAL;
COMMENT ON TABLE dead_letters IS 'Every message that could not be processed, or waits behind one. Rows stay when they are closed.';
COMMENT ON COLUMN dead_letters.origin IS
    'A digest by which the same message is known again: of command id and content, or else of body and properties.';
COMMENT ON COLUMN dead_letters.partition IS 'Whose lane decides about it: that of its aggregate, else the one it came through.';
COMMENT ON COLUMN dead_letters.state IS
    'set_aside: harms nobody. held: it failed, and its aggregate waits for what becomes of it. parked: waits behind a held one. '
    'replayed, edited, skipped: closed.';
COMMENT ON COLUMN dead_letters.fingerprint IS 'Equal for equal causes: of the reason and the error without what varies in it.';
COMMENT ON COLUMN dead_letters.aggregate_id IS 'The SKU, or order:<its id>, where it can be known.';
COMMENT ON COLUMN dead_letters.place IS 'The order within the aggregate''s line: of the held one, and of those parked behind it.';
COMMENT ON COLUMN dead_letters.attempts IS 'How often it was tried, or came again; 0 for one that was only parked.';
COMMENT ON COLUMN dead_letters.outcome IS 'Of the answer that closed it.';
COMMENT ON COLUMN dead_letters.corrected_body IS 'What was decided in place of the body.';

-- An open letter is one; the same message may be set aside anew once it is closed.
CREATE UNIQUE INDEX dead_letters_open ON dead_letters (origin) WHERE closed_at IS NULL;
CREATE INDEX dead_letters_closed ON dead_letters (origin) WHERE closed_at IS NOT NULL;
CREATE INDEX dead_letters_lines ON dead_letters (aggregate_id, place) WHERE closed_at IS NULL AND place IS NOT NULL;

-- What operators look for. Everything that groups are counted by is in the first, so that they are without a look at
-- the letters themselves, whose bodies and errors make the table large.
CREATE INDEX dead_letters_causes ON dead_letters (fingerprint, reason, aggregate_id)
    INCLUDE (state, first_at, last_at, letter_id, command_type, "user") WHERE closed_at IS NULL;
CREATE INDEX dead_letters_newest ON dead_letters (letter_id) WHERE closed_at IS NULL;
CREATE INDEX dead_letters_states ON dead_letters (state) WHERE closed_at IS NULL;
CREATE INDEX dead_letters_held ON dead_letters (letter_id) WHERE state = 'held';
CREATE INDEX dead_letters_history ON dead_letters (aggregate_id, letter_id);

CREATE TABLE holds (
    aggregate_id text COLLATE "C" PRIMARY KEY,
    partition    smallint NOT NULL,
    head         bigint REFERENCES dead_letters,
    parked       integer NOT NULL CHECK (parked >= 0),
    next_place   bigint NOT NULL,
    since        timestamp NOT NULL,
    operator     text,
    why          text,
    CHECK (head IS NOT NULL OR operator IS NOT NULL)
);
COMMENT ON TABLE holds IS 'Aggregates that wait: new commands about them are parked. Written by the lane of the partition alone.';
COMMENT ON COLUMN holds.head IS 'The letter that holds it; null once that is resolved, while those parked behind it are decided.';
COMMENT ON COLUMN holds.operator IS 'Who let it go.';
CREATE INDEX holds_partition ON holds (partition);

-- How often a delivery was begun and not ended: a message that kills its worker is found by that.
CREATE TABLE delivery_attempts (
    partition smallint NOT NULL,
    digest    bytea NOT NULL,
    attempts  integer NOT NULL,
    last_at   timestamp NOT NULL,
    PRIMARY KEY (partition, digest)
);
COMMENT ON TABLE delivery_attempts IS 'Redelivered messages in work, by a digest of the body; gone once they are settled.';

CREATE TABLE replay_plans (
    plan_id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operator        text NOT NULL CHECK (operator <> ''),
    why             text NOT NULL CHECK (why <> ''),
    filter          json NOT NULL,
    groups          json NOT NULL,
    matched         integer NOT NULL,
    dry_run         boolean NOT NULL,
    canary          integer CHECK (canary > 0),
    rate_per_second double precision CHECK (rate_per_second > 0),
    state           text NOT NULL CHECK (state IN ('running', 'paused', 'cancelled', 'finished')),
    note            text,
    canary_passed   boolean NOT NULL DEFAULT false,
    made_at         timestamp NOT NULL,
    advanced_at     timestamp NOT NULL,
    ended_at        timestamp
);
COMMENT ON TABLE replay_plans IS 'A replay, before it runs: whose idea, which letters, how fast. Workers carry it out.';
COMMENT ON COLUMN replay_plans.groups IS 'How many letters of each fingerprint were matched.';
COMMENT ON COLUMN replay_plans.note IS 'Why it is paused.';
COMMENT ON COLUMN replay_plans.advanced_at IS 'Up to when its rate is used up.';

CREATE TABLE replay_plan_items (
    plan_id        bigint NOT NULL REFERENCES replay_plans,
    ordinal        integer NOT NULL,
    letter_id      bigint NOT NULL REFERENCES dead_letters,
    state          text NOT NULL CHECK (state IN ('planned', 'requested', 'done', 'cancelled', 'forecast')),
    outcome        text,
    outcome_reason text,
    message        text,
    done_at        timestamp,
    PRIMARY KEY (plan_id, ordinal)
);
COMMENT ON TABLE replay_plan_items IS 'The letters of a plan, frozen when it was made, in the order of their replay.';
COMMENT ON COLUMN replay_plan_items.state IS
    'planned; requested of its lane; done; cancelled with its plan. forecast: of a dry run, the outcome is what would happen.';

-- No letter is in two plans that are at work.
CREATE UNIQUE INDEX replay_plan_items_once ON replay_plan_items (letter_id) WHERE state IN ('planned', 'requested');
CREATE INDEX replay_plan_items_open ON replay_plan_items (plan_id, state, ordinal)
    WHERE state IN ('planned', 'requested');

CREATE TABLE dead_letter_requests (
    letter_id      bigint PRIMARY KEY REFERENCES dead_letters,
    partition      smallint NOT NULL,
    action         text NOT NULL CHECK (action IN ('replay', 'skip', 'edit')),
    corrected_body bytea,
    operator       text NOT NULL CHECK (operator <> ''),
    why            text NOT NULL CHECK (why <> ''),
    plan_id        bigint REFERENCES replay_plans,
    requested_at   timestamp NOT NULL,
    CHECK ((action = 'edit') = (corrected_body IS NOT NULL))
);
COMMENT ON TABLE dead_letter_requests IS 'What operators want done, until the lane of the partition has done it.';
COMMENT ON COLUMN dead_letter_requests.partition IS 'Whose lane does it: that of the letter, or of what a corrected body is about.';
CREATE INDEX dead_letter_requests_partition ON dead_letter_requests (partition, letter_id);

CREATE TABLE dead_letter_deeds (
    deed_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "at"      timestamp NOT NULL,
    operator  text NOT NULL,
    why       text NOT NULL,
    deed      text NOT NULL,
    letter_id bigint REFERENCES dead_letters,
    plan_id   bigint REFERENCES replay_plans,
    before    json,
    after     json
);
COMMENT ON TABLE dead_letter_deeds IS 'Who did what about dead letters, when and why. Append-only.';
CREATE INDEX dead_letter_deeds_letter ON dead_letter_deeds (letter_id);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dead_letter_deeds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE dead_letter_deeds ENABLE ALWAYS TRIGGER append_only;
