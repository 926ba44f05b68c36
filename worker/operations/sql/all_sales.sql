-- What was sold at once of the last lines of orders, in the order of these.
--
-- Nothing here may fail, whatever an answer holds: one that cannot be read is found among all answers. So the texts are
-- chosen first, and their fields are read afterwards.
WITH sales AS MATERIALIZED (
    SELECT answer
    FROM commands
    WHERE answer::text LIKE '%"outcome":"applied","type":"sell_line"%'
      AND answer::text !~ '(?<!\\)(?:\\\\)*\\u(?:0000|[dD][89a-fA-F])'
),
read AS (
    SELECT substring(answer ->> 'reservation_id' FROM '^(order:.*)#[0-9]+$') AS aggregate_id,
           CASE WHEN answer ->> 'quantity' ~ '^[0-9]{1,18}$' THEN (answer ->> 'quantity')::bigint ELSE 0 END AS units
    FROM sales
)
SELECT aggregate_id, units
FROM read
WHERE aggregate_id IS NOT NULL
ORDER BY aggregate_id COLLATE "C"
