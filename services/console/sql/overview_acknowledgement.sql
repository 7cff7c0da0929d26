-- Alerts raised in the last 24 hours by the severity they were raised with: how many were acknowledged, and
-- after how long. The time runs from when the monitor knew to when it took the first acknowledgement.
WITH waited AS (
    SELECT
        min(t.severity) FILTER (WHERE t.reason = 'raised') AS severity,
        extract(epoch FROM
            min(t.detected_at) FILTER (WHERE t.reason = 'acknowledged')
            - min(t.detected_at) FILTER (WHERE t.reason = 'raised')
        )::double precision AS after_s
    FROM alert_transitions AS t, city_clock AS c
    WHERE t.reason IN ('raised', 'acknowledged') AND t.at > c.at - interval '24 hours'
    GROUP BY t.alert_id
)
SELECT
    s.severity,
    count(w.severity) AS raised,
    count(w.after_s) AS acknowledged,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY w.after_s) AS median_s,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY w.after_s) AS p90_s
FROM unnest(ARRAY['critical', 'major', 'warn', 'notice']) WITH ORDINALITY AS s (severity, place)
LEFT JOIN waited AS w ON w.severity = s.severity
GROUP BY s.severity, s.place
ORDER BY s.place
