-- Which commands of the batch have been answered before.
--
-- Included by statements that commit a batch.
answered AS (
    SELECT command_id, digest, answer
    FROM commands
    WHERE command_id = ANY ($4::uuid[])
),
