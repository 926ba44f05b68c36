-- Partitions whose recorded answers are not numbered 1 to the partition's sequence.
SELECT partitions.partition, partitions.sequence AS expected,
       count(commands.sequence) AS counted, coalesce(max(commands.sequence), 0) AS newest
FROM partitions
LEFT JOIN commands USING (partition)
GROUP BY partitions.partition, partitions.sequence
HAVING count(commands.sequence) <> partitions.sequence OR coalesce(max(commands.sequence), 0) <> partitions.sequence
ORDER BY partitions.partition
