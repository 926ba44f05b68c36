-- Which tables there are beside events: the store also works on a database that only has that one.
SELECT to_regclass('stock_levels') IS NOT NULL AND to_regclass('audit_log') IS NOT NULL AS has_stock,
       to_regclass('snapshots') IS NOT NULL AS has_snapshots,
       EXISTS (
           SELECT FROM pg_attribute
           WHERE attrelid = to_regclass('snapshots') AND attname = 'stock_version' AND NOT attisdropped
       ) AS has_snapshot_mark
