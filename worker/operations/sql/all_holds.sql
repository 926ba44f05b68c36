-- The aggregates that wait, each with its head and what is parked behind it, as the letters say.
SELECT hold.aggregate_id, hold.partition, hold.head, hold.parked, hold.next_place,
       head.state AS head_state, head.aggregate_id AS head_aggregate_id, head.place AS head_place,
       line.parked AS parked_letters, line.first_place, line.last_place
FROM holds AS hold
LEFT JOIN dead_letters AS head ON head.letter_id = hold.head
CROSS JOIN LATERAL (
    SELECT count(*) AS parked, min(place) AS first_place, max(place) AS last_place
    FROM dead_letters AS letter
    WHERE letter.aggregate_id = hold.aggregate_id AND letter.state = 'parked'
) AS line
ORDER BY hold.aggregate_id
