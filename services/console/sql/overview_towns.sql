-- Open alerts by town and severity; a town without any has a row, too.
SELECT
    coalesce(n.town_code, a.town_code) AS code,
    coalesce(n.name ->> 'zh', a.town_code) AS name_zh,
    coalesce(n.name ->> 'en', a.town_code) AS name_en,
    count(a.alert_id) FILTER (WHERE a.severity = 'critical') AS critical,
    count(a.alert_id) FILTER (WHERE a.severity = 'major') AS major,
    count(a.alert_id) FILTER (WHERE a.severity = 'warn') AS warn,
    count(a.alert_id) FILTER (WHERE a.severity = 'notice') AS notice,
    count(a.alert_id) FILTER (WHERE NOT a.acked) AS unacknowledged
FROM towns_now AS n
FULL JOIN (SELECT * FROM alerts_now WHERE closed_at IS NULL) AS a ON a.town_code = n.town_code
GROUP BY 1, 2, 3
ORDER BY code
