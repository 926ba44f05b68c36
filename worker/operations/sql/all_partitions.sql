SELECT partition, owner, epoch, sequence, claimed_at
FROM partitions
ORDER BY partition
