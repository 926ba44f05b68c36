-- What became of the batch: see `commit_batch`.
SELECT 'committed' AS state, NULL::uuid AS command_id, NULL::bytea AS digest, NULL::text AS answer FROM gate
UNION ALL
SELECT 'answered', command_id, digest, answer::text FROM answered
