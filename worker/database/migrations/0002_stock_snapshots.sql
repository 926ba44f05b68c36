-- Tells the store's own snapshots of stock from those that programs make with folds of their own.
--
-- Cost on an existing database: none, the column is added without touching a row.

ALTER TABLE snapshots ADD COLUMN stock_version bigint;
COMMENT ON COLUMN snapshots.stock_version IS
    'Equal to version where state is the store''s fold of stock, {item_id: on hand}; else it is a caller''s own fold.';
