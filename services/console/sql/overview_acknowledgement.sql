-- Alerts raised in the last 24 hours by the severity they were raised with: how many were acknowledged, and
-- after how long. The time runs from when the monitor knew to when it took the first acknowledgement.
WITH lately AS (
    SELECT t.alert_id, t.severity, t.reason, t.detected_at
    FROM alert_transitions AS t, city_clock AS c
    WHERE t.reason IN ('raised', 'acknowledged') AND t.at > c.at - interval '24 hours'
),
taken AS (
    SELECT alert_id, min(detected_at) AS at FROM lately WHERE reason = 'acknowledged' GROUP BY alert_id
),
waited AS (
    SELECT r.alert_id, r.severity, extract(epoch FROM k.at - r.detected_at)::double precision AS after_s
    FROM lately AS r
    LEFT JOIN taken AS k ON k.alert_id = r.alert_id
    WHERE r.reason = 'raised'
)
SELECT
    s.severity,
    count(w.alert_id) AS raised,
    count(w.after_s) AS acknowledged,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY w.after_s) AS median_s,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY w.after_s) AS p90_s
FROM unnest(ARRAY['critical', 'major', 'warn', 'notice']) WITH ORDINALITY AS s (severity, place)
LEFT JOIN waited AS w ON w.severity = s.severity
GROUP BY s.severity, s.place
ORDER BY s.place
