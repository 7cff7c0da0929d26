-- Alert $1 with the names of its place and system, and with title, guidance and source of its rule, as far as stored.
SELECT
    a.*, s.name AS station_name, p.name AS point_name, plans.document -> 'towns' -> a.town_code AS town_name,
    named.name AS system_name,
    p.states AS point_states, rule.kind AS rule_kind, rule.guidance, rule.source, rule.source_status
FROM alerts_now AS a
LEFT JOIN stations AS s ON s.station_id = a.station_id
LEFT JOIN points AS p ON p.station_id = a.station_id AND p.point = a.point
LEFT JOIN plans ON plans.plan_id = a.plan
LEFT JOIN jsonb_to_recordset(plans.document -> 'systems') AS named (system text, name jsonb)
    ON named.system = a.system
LEFT JOIN jsonb_to_recordset(plans.document -> 'rules') AS rule (
    rule_id text, kind text, guidance jsonb, source text, source_status text
) ON rule.rule_id = a.rule_id
WHERE a.alert_id = $1
