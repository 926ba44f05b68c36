-- Commits a batch in which whole orders change, too; else as `commit_reserving_batch`, which is spared their cost.
--
-- $41 are those of the commands $4 that have their row since their order was placed, $42 those that get it now.
WITH
answered AS (
    SELECT command_id, digest, answer
    FROM commands
    WHERE command_id = ANY ($4::uuid[] || $42::uuid[]) AND command_id <> ALL ($41::uuid[])
),
-- include gate
numbered AS (
    SELECT new.command_id, new.digest, new.answer, $3 + new.place AS sequence
    FROM unnest($4::uuid[], $5::bytea[], $6::text[]) WITH ORDINALITY AS new (command_id, digest, answer, place)
),
recorded AS (
    INSERT INTO commands (command_id, digest, partition, sequence, answer)
    SELECT command_id, digest, gate.partition, sequence, answer::json
    FROM gate, numbered
    WHERE command_id <> ALL ($41::uuid[])
    UNION ALL
    SELECT new.command_id, new.digest, gate.partition, NULL, NULL
    FROM gate, unnest($42::uuid[], $43::bytea[]) AS new (command_id, digest)
    ORDER BY command_id  -- see `recorded`
),
completed AS (
    UPDATE commands
    SET sequence = numbered.sequence, answer = numbered.answer::json
    FROM gate, numbered
    WHERE commands.command_id = numbered.command_id AND numbered.command_id = ANY ($41::uuid[])
),
-- include batch
-- include writes
,
-- include kept
,
ordered AS (
    INSERT INTO orders (aggregate_id, partition, command_id, status, deadline, placed, progress, version, moved_at)
    SELECT new.aggregate_id, gate.partition, new.command_id, new.status, new.deadline, new.placed::json,
           new.progress::json, new.version, gate.committed_at
    FROM gate,
         unnest($44::text[], $45::uuid[], $46::text[], $47::timestamp[], $48::text[], $49::text[], $50::bigint[])
             AS new (aggregate_id, command_id, status, deadline, placed, progress, version)
    ON CONFLICT (aggregate_id) DO UPDATE
    SET status = excluded.status, progress = excluded.progress,
        version = excluded.version, moved_at = excluded.moved_at
)
-- include outcome
