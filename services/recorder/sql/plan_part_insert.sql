INSERT INTO plan_parts (plan_id, part, parts, body) VALUES ($1, $2, $3, $4)
ON CONFLICT (plan_id, part) DO UPDATE SET parts = EXCLUDED.parts, body = EXCLUDED.body
