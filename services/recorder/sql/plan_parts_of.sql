SELECT part, parts, body FROM plan_parts WHERE plan_id = $1 ORDER BY part
