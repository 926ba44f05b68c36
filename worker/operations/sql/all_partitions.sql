SELECT partition, owner, epoch, sequence, claimed_at,
       (SELECT count(*) FROM reservations
        WHERE reservations.partition = partitions.partition AND status = 'held') AS held_reservations
FROM partitions
ORDER BY partition
