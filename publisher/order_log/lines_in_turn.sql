-- Every line when its turn has come: the sales of an order together, when its last line of any kind has been read.
SELECT line, order_id, kind, content, bad_line
FROM lines
LEFT JOIN (
    SELECT order_id, max(line) AS last_line, min(CASE kind WHEN 'bad' THEN line END) AS bad_line
    FROM lines
    WHERE order_id IS NOT NULL
    GROUP BY order_id
) USING (order_id)
ORDER BY CASE kind WHEN 'sale' THEN last_line ELSE line END, kind = 'sale', line
