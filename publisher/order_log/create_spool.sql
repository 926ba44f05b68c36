-- The lines of a log: commands of their own, sales of an order, and bad lines with their cause.
CREATE TABLE lines (
    line     INTEGER PRIMARY KEY,
    order_id TEXT,
    kind     TEXT NOT NULL CHECK (kind IN ('alone', 'sale', 'bad')),
    content  BLOB NOT NULL
)
