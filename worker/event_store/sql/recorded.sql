-- The commands of the batch with their answers, numbered in their order.
--
-- Written in the order of their ids: two lanes that record the same ids wait for each other in one direction only.
-- Included by statements that commit a batch.
recorded AS (
    INSERT INTO commands (command_id, digest, partition, sequence, answer)
    SELECT new.command_id, new.digest, gate.partition, $3 + new.place, new.answer::json
    FROM gate,
         unnest($4::uuid[], $5::bytea[], $6::text[]) WITH ORDINALITY AS new (command_id, digest, answer, place)
    ORDER BY new.command_id
),
