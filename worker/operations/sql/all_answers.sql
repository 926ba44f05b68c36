-- In the order they were given within each SKU or order: by version, and at one version the applied one first.
--
-- Nothing here may fail, whatever an answer holds: one that names no SKU comes first, under the empty
-- text, which is none, and one that names no version comes first of its SKU, as version -1.
WITH stored AS (
    SELECT command_id, partition, sequence, answer::text AS answer,
           -- To read even one field fails where any text holds an escape that is no character
           -- (an odd number of backslashes, then the NUL or half of a surrogate pair).
           CASE
               WHEN position('\u' IN answer::text) > 0
                    AND answer::text ~ '(?<!\\)(?:\\\\)*\\u(?:0000|[dD][89a-fA-F])'
               THEN NULL
               ELSE answer
           END AS fields
    FROM commands
    WHERE answer IS NOT NULL  -- that of an order comes when it is decided
),
placed AS (
    SELECT coalesce(fields ->> 'sku', 'order:' || (fields ->> 'order_id'), '') AS sku,
           CASE
               WHEN json_typeof(fields -> 'version') = 'number' AND fields ->> 'version' ~ '^[0-9]{1,18}$'
               THEN (fields ->> 'version')::bigint
               ELSE -1
           END AS version,
           command_id, partition, sequence, answer
    FROM stored
)
SELECT sku, version, command_id, partition, sequence, answer
FROM placed
ORDER BY sku COLLATE "C", version, sequence
