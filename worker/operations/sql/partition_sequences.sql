SELECT partition, sequence FROM partitions
