-- Points of plan $1, if it is stored.
INSERT INTO points (
    station_id, point, name, unit, low, high, expected_every_s, report_mode, life_safety, reference,
    rules, states, computed, calibration_due, plan_id
)
SELECT
    s.station_id, t.code, t.name, t.unit, t.low, t.high, t.expected_every_s, t.report_mode,
    t.life_safety, t.reference, t.rules, coalesce(t.states, '{}'), t.computed IS NOT NULL,
    ms_time(t.calibration_due), p.plan_id
FROM plans AS p,
    jsonb_to_recordset(p.document -> 'stations') AS s (station_id text, points jsonb),
    jsonb_to_recordset(s.points) AS t (
        code text, name jsonb, unit text, low double precision, high double precision,
        expected_every_s integer, report_mode text, life_safety boolean, reference double precision,
        rules text[], states jsonb, computed jsonb, calibration_due bigint
    )
WHERE p.plan_id = $1
ON CONFLICT (station_id, point) DO UPDATE SET
    name = EXCLUDED.name, unit = EXCLUDED.unit, low = EXCLUDED.low, high = EXCLUDED.high,
    expected_every_s = EXCLUDED.expected_every_s, report_mode = EXCLUDED.report_mode,
    life_safety = EXCLUDED.life_safety, reference = EXCLUDED.reference, rules = EXCLUDED.rules,
    states = EXCLUDED.states, computed = EXCLUDED.computed, calibration_due = EXCLUDED.calibration_due,
    plan_id = EXCLUDED.plan_id
