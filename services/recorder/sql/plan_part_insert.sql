-- A part that stands there stays: what comes under its number later is a repeat, or no part of the plan.
INSERT INTO plan_parts (plan_id, part, parts, body) VALUES ($1, $2, $3, $4)
ON CONFLICT (plan_id, part) DO NOTHING
