-- The matching letters by cause, the most frequent first.
--
-- In two steps, by SKU and then by cause: both walk along an index, where a count of distinct SKUs would sort.
WITH abouts AS (
    SELECT letter.fingerprint, letter.reason, letter.aggregate_id, count(*) AS count,
           count(*) FILTER (WHERE letter.state = 'set_aside') AS set_aside,
           count(*) FILTER (WHERE letter.state = 'held') AS held,
           count(*) FILTER (WHERE letter.state = 'parked') AS parked,
           count(*) FILTER (WHERE letter.state = 'replayed') AS replayed,
           count(*) FILTER (WHERE letter.state = 'edited') AS edited,
           count(*) FILTER (WHERE letter.state = 'skipped') AS skipped,
           min(letter.first_at) AS first_at, max(letter.last_at) AS last_at, max(letter.letter_id) AS newest_id
    FROM dead_letters AS letter
    WHERE {matching}
    GROUP BY letter.fingerprint, letter.reason, letter.aggregate_id
), causes AS (
    SELECT fingerprint, reason, sum(count)::bigint AS count,
           sum(set_aside)::bigint AS set_aside, sum(held)::bigint AS held, sum(parked)::bigint AS parked,
           sum(replayed)::bigint AS replayed, sum(edited)::bigint AS edited, sum(skipped)::bigint AS skipped,
           min(first_at) AS first_at, max(last_at) AS last_at, count(aggregate_id) AS aggregate_count,
           max(newest_id) AS example_id
    FROM abouts
    GROUP BY fingerprint, reason
)
SELECT causes.*, example.error AS example_error
FROM causes
JOIN dead_letters AS example ON example.letter_id = causes.example_id
ORDER BY causes.count DESC, causes.fingerprint
