-- Open alerts by system and severity; a system without any has a row, too.
SELECT
    coalesce(n.system, a.system) AS code,
    coalesce(n.name ->> 'zh', a.system) AS name_zh,
    coalesce(n.name ->> 'en', a.system) AS name_en,
    count(a.alert_id) FILTER (WHERE a.severity = 'critical') AS critical,
    count(a.alert_id) FILTER (WHERE a.severity = 'major') AS major,
    count(a.alert_id) FILTER (WHERE a.severity = 'warn') AS warn,
    count(a.alert_id) FILTER (WHERE a.severity = 'notice') AS notice,
    count(a.alert_id) FILTER (WHERE NOT a.acked) AS unacknowledged
FROM systems_now AS n
FULL JOIN (SELECT * FROM alerts_now WHERE closed_at IS NULL) AS a ON a.system = n.system
GROUP BY 1, 2, 3
ORDER BY min(n.place), code
