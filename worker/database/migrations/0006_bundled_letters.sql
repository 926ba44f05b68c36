-- What lanes tell each other in bundles is believed, also when it is decided again from the ledger.
--
-- Cost on an existing database: dead_letters is read once, to see that its rows pass the check, and nothing is rewritten.

ALTER TABLE dead_letters ADD COLUMN bundle text CHECK (bundle IN ('asked', 'told'));
COMMENT ON COLUMN dead_letters.bundle IS
    'Which kind of bundle of a worker''s it was a line of, as the broker has verified. Null: anybody may have sent it.';
