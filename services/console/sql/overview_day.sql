-- What has happened since the city's last midnight, by severity.
SELECT
    s.severity,
    count(*) FILTER (WHERE t.reason IN ('raised', 'reopened')) AS raised,
    count(*) FILTER (WHERE t.reason = 'escalated') AS escalated,
    count(*) FILTER (WHERE t.reason = 'acknowledged') AS acknowledged,
    count(*) FILTER (WHERE t.to_state = 'A' AND t.from_state <> 'A') AS closed
FROM unnest(ARRAY['critical', 'major', 'warn', 'notice']) WITH ORDINALITY AS s (severity, place)
LEFT JOIN (alert_transitions AS t INNER JOIN city_clock AS c ON t.at >= c.day_began_at) ON t.severity = s.severity
GROUP BY s.severity, s.place
ORDER BY s.place
