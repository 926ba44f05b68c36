-- Notes that the messages $2 of partition $1 are begun, at $3.
INSERT INTO delivery_attempts (partition, digest, attempts, last_at)
SELECT $1, digest, 1, $3 FROM unnest($2::bytea[]) AS begun (digest)
ON CONFLICT (partition, digest) DO UPDATE SET attempts = delivery_attempts.attempts + 1, last_at = excluded.last_at
