SELECT partition, owner, epoch, sequence, claimed_at,
       (SELECT count(*) FROM reservations
        WHERE reservations.partition = partitions.partition AND status = 'held') AS held_reservations,
       (SELECT count(*) FROM holds WHERE holds.partition = partitions.partition) AS held_aggregates,
       (SELECT coalesce(sum(parked), 0) FROM holds WHERE holds.partition = partitions.partition) AS parked_letters
FROM partitions
ORDER BY partition
