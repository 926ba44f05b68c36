INSERT INTO lines (line, order_id, kind, content) VALUES (?, ?, ?, ?)
