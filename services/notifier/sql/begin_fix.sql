-- The floor that the first start fixed; $1 if this is it.
WITH fixed AS (
    INSERT INTO notifier_begin (floor_at) VALUES ($1) ON CONFLICT DO NOTHING RETURNING floor_at
)
SELECT floor_at FROM fixed
UNION ALL
SELECT floor_at FROM notifier_begin
LIMIT 1
