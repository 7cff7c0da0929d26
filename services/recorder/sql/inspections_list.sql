-- Inspections, the latest first, at most $3: of system $1, and of town $2 by code, beginning of it, or name,
-- where these are not null.
SELECT
    i.at, i.station_id, i.system, i.kind, i.point, i.inspector, i.grade, i.defect, i.note,
    s.name AS station_name, p.name AS point_name, count(*) OVER () AS found
FROM inspections AS i
LEFT JOIN stations AS s ON s.station_id = i.station_id
LEFT JOIN points AS p ON p.station_id = i.station_id AND p.point = i.point
WHERE ($1::text IS NULL OR i.system = $1)
    AND ($2::text IS NULL OR starts_with(i.town_code, $2) OR i.town_code IN (
        SELECT town.code
        FROM plans, jsonb_each(plans.document -> 'towns') AS town (code, name)
        WHERE town.name ->> 'zh' = $2 OR lower(town.name ->> 'en') = lower($2)
    ))
ORDER BY i.at DESC, i.inspection_id
LIMIT $3
