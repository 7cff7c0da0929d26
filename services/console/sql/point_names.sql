-- Names, unit and words for states of the point $2 of the station $1, and the plan that named it.
SELECT s.name AS station, p.name AS point, p.unit, p.states, s.plan_id
FROM stations AS s
INNER JOIN points AS p ON p.station_id = s.station_id
WHERE s.station_id = $1 AND p.point = $2
