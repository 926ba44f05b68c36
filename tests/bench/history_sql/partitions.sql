UPDATE partitions
SET sequence = $1::bigint * filled.partition_skus
FROM (SELECT DISTINCT partition, partition_skus FROM history_skus) AS filled
WHERE partitions.partition = filled.partition
