DELETE FROM plan_parts WHERE plan_id = $1
