SELECT partition_count FROM topology
