-- What would become of the letters at $2 of dry run $1.
UPDATE replay_plan_items AS item
SET state = 'forecast', outcome = told.outcome, outcome_reason = told.outcome_reason, message = told.message,
    done_at = clock_timestamp() AT TIME ZONE 'utc'
FROM unnest($2::integer[], $3::text[], $4::text[], $5::text[]) AS told (ordinal, outcome, outcome_reason, message)
WHERE item.plan_id = $1 AND item.ordinal = told.ordinal AND item.state = 'planned'
