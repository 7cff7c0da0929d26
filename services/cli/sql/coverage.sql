-- Stations, points that devices have to report, and those that are silent: by system, town and state.
SELECT
    system, town_code, state, count(*) AS stations,
    sum(cardinality(expected)) AS expected, sum(cardinality(silent)) AS silent
FROM stations_now
GROUP BY system, town_code, state
ORDER BY system, town_code, state
