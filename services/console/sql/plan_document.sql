SELECT document::text FROM plans WHERE plan_id = $1
