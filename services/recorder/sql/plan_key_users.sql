-- Key users of plan $1, if it is stored.
INSERT INTO key_users (user_id, kind, town_code, name, lat, lon, plan_id)
SELECT u.user_id, u.kind, u.town_code, u.name, u.lat, u.lon, p.plan_id
FROM plans AS p,
    jsonb_to_recordset(p.document -> 'key_users') AS u (
        user_id text, kind text, town_code text, name jsonb, lat double precision, lon double precision
    )
WHERE p.plan_id = $1
ON CONFLICT (user_id) DO UPDATE SET
    kind = EXCLUDED.kind, town_code = EXCLUDED.town_code, name = EXCLUDED.name, lat = EXCLUDED.lat,
    lon = EXCLUDED.lon, plan_id = EXCLUDED.plan_id
