-- Valves and switches of plan $1, if it is stored.
INSERT INTO valves (valve_id, kind, system, town_code, name, lat, lon, plan_id)
SELECT v.valve_id, v.kind, v.system, v.town_code, v.name, v.lat, v.lon, p.plan_id
FROM plans AS p,
    jsonb_to_recordset(p.document -> 'valves') AS v (
        valve_id text, kind text, system text, town_code text, name jsonb, lat double precision,
        lon double precision
    )
WHERE p.plan_id = $1
ON CONFLICT (valve_id) DO UPDATE SET
    kind = EXCLUDED.kind, system = EXCLUDED.system, town_code = EXCLUDED.town_code, name = EXCLUDED.name,
    lat = EXCLUDED.lat, lon = EXCLUDED.lon, plan_id = EXCLUDED.plan_id
