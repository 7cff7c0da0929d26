-- Stations of plan $1, if it is stored: they become what the tables say.
INSERT INTO stations (
    station_id, kind, system, town_code, owner_org, name, lat, lon, virtual, address, landmark,
    duty_phone, access_note, protection_zone, traits, road, serves_people, serves_m2, plan_id
)
SELECT
    s.station_id, s.kind, s.system, s.town_code, s.owner_org, s.name, s.lat, s.lon, s.virtual, s.address,
    s.landmark, s.duty_phone, s.access_note, coalesce(s.protection_zone, false),
    coalesce(s.traits, '{}'), s.road, s.serves_people, s.serves_m2, p.plan_id
FROM plans AS p,
    jsonb_to_recordset(p.document -> 'stations') AS s (
        station_id text, kind text, system text, town_code text, owner_org text, name jsonb,
        lat double precision, lon double precision, virtual boolean, address jsonb, landmark jsonb,
        duty_phone text, access_note jsonb, protection_zone boolean, traits text[], road text,
        serves_people integer, serves_m2 double precision
    )
WHERE p.plan_id = $1
ON CONFLICT (station_id) DO UPDATE SET
    kind = EXCLUDED.kind, system = EXCLUDED.system, town_code = EXCLUDED.town_code,
    owner_org = EXCLUDED.owner_org, name = EXCLUDED.name, lat = EXCLUDED.lat, lon = EXCLUDED.lon,
    virtual = EXCLUDED.virtual, address = EXCLUDED.address, landmark = EXCLUDED.landmark,
    duty_phone = EXCLUDED.duty_phone, access_note = EXCLUDED.access_note,
    protection_zone = EXCLUDED.protection_zone, traits = EXCLUDED.traits, road = EXCLUDED.road,
    serves_people = EXCLUDED.serves_people, serves_m2 = EXCLUDED.serves_m2, plan_id = EXCLUDED.plan_id
