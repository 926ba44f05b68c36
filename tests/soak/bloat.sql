-- What the tables hold and what they weigh. Dead rows count where rows change: the other tables have none.
SELECT (SELECT sum(sequence)::bigint FROM partitions) AS commands,
       sum(n_dead_tup) FILTER (WHERE n_tup_upd > 0)::bigint AS dead_rows,
       sum(n_live_tup) FILTER (WHERE n_tup_upd > 0)::bigint AS live_rows,
       sum(pg_indexes_size(relid))::bigint AS index_bytes,
       sum(pg_table_size(relid))::bigint AS table_bytes
FROM pg_stat_user_tables
