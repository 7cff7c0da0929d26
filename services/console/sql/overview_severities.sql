-- Open alerts by severity, those that nobody has acknowledged, and how long the oldest of these has waited.
SELECT
    s.severity,
    count(a.alert_id) AS open,
    count(a.alert_id) FILTER (WHERE NOT a.acked) AS unacknowledged,
    extract(epoch FROM max(c.at - a.raised_at) FILTER (WHERE NOT a.acked))::double precision AS longest_wait_s
FROM unnest(ARRAY['critical', 'major', 'warn', 'notice']) WITH ORDINALITY AS s (severity, place)
CROSS JOIN city_clock AS c
LEFT JOIN alerts_now AS a ON a.severity = s.severity AND a.closed_at IS NULL
GROUP BY s.severity, s.place
ORDER BY s.place
