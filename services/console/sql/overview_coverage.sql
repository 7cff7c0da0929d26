-- What is heard of each system: stations, those of which nothing is heard, points that devices have to report,
-- those seen in time, and their share, rounded down: 100 only when nothing is missing.
SELECT
    t.system AS code,
    coalesce(n.name ->> 'zh', t.system) AS name_zh,
    coalesce(n.name ->> 'en', t.system) AS name_en,
    t.stations, t.silent, t.expected, t.seen,
    (floor(1000.0 * t.seen / t.expected) / 10)::double precision AS percent
FROM (
    SELECT
        system,
        count(*) AS stations,
        count(*) FILTER (WHERE state IN ('silent', 'unheard')) AS silent,
        sum(cardinality(expected))::bigint AS expected,
        sum(cardinality(expected) - cardinality(stations_now.silent))::bigint AS seen
    FROM stations_now
    GROUP BY system
) AS t
LEFT JOIN systems_now AS n ON n.system = t.system
ORDER BY n.place, t.system
