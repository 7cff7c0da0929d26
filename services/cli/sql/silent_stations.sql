-- Stations of which nothing is heard. since: from when on that is their state; heard: the minute of the
-- last data that is stored.
SELECT
    s.station_id, s.name, s.system, s.town_code, s.state, s.sources, cardinality(s.expected) AS points,
    (
        SELECT min(x.at) FROM station_states AS x
        WHERE x.station_id = s.station_id AND x.at > coalesce(
            (
                SELECT max(y.at) FROM station_states AS y
                WHERE y.station_id = s.station_id AND y.state <> s.state
            ),
            '-infinity'
        )
    ) AS since,
    (
        SELECT max(newest.bucket)
        FROM unnest(s.expected) AS e (point),
            LATERAL (
                SELECT a.bucket FROM aggregates_1m AS a
                WHERE a.station_id = s.station_id AND a.point = e.point
                ORDER BY a.bucket DESC
                LIMIT 1
            ) AS newest
    ) AS heard
FROM stations_now AS s
WHERE s.state IN ('silent', 'unheard')
ORDER BY s.system, s.town_code, s.station_id
