-- No row where no worker has started yet.
SELECT partition_count FROM topology
