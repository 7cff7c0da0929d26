-- Stations of plan $1, if it is stored: they become what the tables say.
INSERT INTO stations (station_id, kind, system, town_code, owner_org, name, lat, lon, virtual, plan_id)
SELECT s.station_id, s.kind, s.system, s.town_code, s.owner_org, s.name, s.lat, s.lon, s.virtual, p.plan_id
FROM plans AS p,
    jsonb_to_recordset(p.document -> 'stations') AS s (
        station_id text, kind text, system text, town_code text, owner_org text, name jsonb,
        lat double precision, lon double precision, virtual boolean
    )
WHERE p.plan_id = $1
ON CONFLICT (station_id) DO UPDATE SET
    kind = EXCLUDED.kind, system = EXCLUDED.system, town_code = EXCLUDED.town_code,
    owner_org = EXCLUDED.owner_org, name = EXCLUDED.name, lat = EXCLUDED.lat, lon = EXCLUDED.lon,
    virtual = EXCLUDED.virtual, plan_id = EXCLUDED.plan_id
