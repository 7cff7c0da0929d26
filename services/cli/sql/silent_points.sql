-- Silent points of stations that speak otherwise. since: from when on they are named as silent; heard: the
-- minute of the last data that is stored.
SELECT
    s.station_id, s.name, s.system, s.town_code, p.point, p.name AS point_name,
    (
        SELECT min(x.at) FROM station_states AS x
        WHERE x.station_id = s.station_id AND x.at > coalesce(
            (
                SELECT max(y.at) FROM station_states AS y
                WHERE y.station_id = s.station_id AND y.state IN ('reporting', 'partial')
                    AND p.point <> ALL (y.silent_points)
            ),
            '-infinity'
        )
    ) AS since,
    (
        SELECT a.bucket FROM aggregates_1m AS a
        WHERE a.station_id = s.station_id AND a.point = p.point
        ORDER BY a.bucket DESC
        LIMIT 1
    ) AS heard
FROM stations_now AS s
INNER JOIN points AS p ON p.station_id = s.station_id AND p.point = ANY (s.silent)
WHERE s.state IN ('reporting', 'partial')
ORDER BY s.system, s.town_code, s.station_id, p.point
