-- Alerts raised in each of the last 24 hours of the clock, the last of them not over yet; by severity.
SELECT
    h.hour,
    count(t.severity) FILTER (WHERE t.severity = 'critical') AS critical,
    count(t.severity) FILTER (WHERE t.severity = 'major') AS major,
    count(t.severity) FILTER (WHERE t.severity = 'warn') AS warn,
    count(t.severity) FILTER (WHERE t.severity = 'notice') AS notice
FROM city_clock AS c
CROSS JOIN LATERAL generate_series(date_trunc('hour', c.at) - interval '23 hours', c.at, interval '1 hour') AS h (hour)
LEFT JOIN alert_transitions AS t
    ON t.at >= h.hour AND t.at < h.hour + interval '1 hour' AND t.reason IN ('raised', 'reopened')
GROUP BY h.hour
ORDER BY h.hour
