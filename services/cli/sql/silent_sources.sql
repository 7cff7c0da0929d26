-- Sources all of whose stations are silent; of a single station nobody knows which of both it is. since:
-- from when on they all were.
SELECT
    source.name AS source, count(*) AS stations, array_agg(DISTINCT s.system ORDER BY s.system) AS systems,
    array_agg(s.station_id ORDER BY s.station_id) AS station_ids, max(s.told_at) AS since
FROM stations_now AS s, unnest(s.sources) AS source (name)
GROUP BY source.name
HAVING bool_and(s.state = 'silent') AND count(*) > 1
ORDER BY count(*) DESC, source.name
