-- Inspections, the latest first, at most $3: of system $1 by id or name, and of town $2 by code, beginning
-- of it, or name, where these are not null.
SELECT
    i.at, i.station_id, i.system, i.kind, i.point, i.inspector, i.grade, i.defect, i.note,
    s.name AS station_name, p.name AS point_name, named.name AS system_name, count(*) OVER () AS found
FROM inspections AS i
LEFT JOIN stations AS s ON s.station_id = i.station_id
LEFT JOIN points AS p ON p.station_id = i.station_id AND p.point = i.point
LEFT JOIN plans ON plans.plan_id = s.plan_id
LEFT JOIN jsonb_to_recordset(plans.document -> 'systems') AS named (system text, name jsonb)
    ON named.system = i.system
WHERE ($1::text IS NULL OR i.system = lower($1) OR i.system IN (
        SELECT x.system
        FROM plans AS all_plans, jsonb_to_recordset(all_plans.document -> 'systems') AS x (system text, name jsonb)
        WHERE x.name ->> 'zh' = $1 OR lower(x.name ->> 'en') = lower($1)
    ))
    AND ($2::text IS NULL OR starts_with(i.town_code, $2) OR i.town_code IN (
        SELECT town.code
        FROM plans, jsonb_each(plans.document -> 'towns') AS town (code, name)
        WHERE town.name ->> 'zh' = $2 OR lower(town.name ->> 'en') = lower($2)
    ))
ORDER BY i.at DESC, i.inspection_id
LIMIT $3
