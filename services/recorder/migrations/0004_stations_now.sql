-- One answer to "what is heard of the city now", for whoever asks: command line, pages, jobs.

CREATE VIEW stations_now AS
SELECT
    s.station_id, s.system, s.town_code, s.name,
    coalesce(told.state, 'unheard') AS state,
    told.at AS told_at,
    coalesce(told.sources, '{}') AS sources,
    expected.points AS expected,
    CASE
        WHEN told.state IN ('reporting', 'partial')
            THEN ARRAY(SELECT point FROM unnest(expected.points) AS e (point) WHERE point = ANY (told.silent_points))
        ELSE expected.points
    END AS silent
FROM stations AS s
INNER JOIN LATERAL (
    SELECT array_agg(p.point ORDER BY p.point) AS points
    FROM points AS p
    WHERE p.station_id = s.station_id AND p.plan_id = s.plan_id
        AND NOT p.computed AND p.report_mode <> 'inspected' AND p.expected_every_s > 0
) AS expected ON expected.points IS NOT NULL
LEFT JOIN LATERAL (
    SELECT x.state, x.at, x.sources, x.silent_points
    FROM station_states AS x
    WHERE x.station_id = s.station_id
    ORDER BY x.at DESC, x.ce_id DESC
    LIMIT 1
) AS told ON true
WHERE NOT s.virtual AND s.plan_id IN (SELECT plan_id FROM plan_activations);
COMMENT ON VIEW stations_now IS
'Each station of the active plan that devices have to report of, with its last state (none told yet: unheard), the points that are expected and those of them that are silent: all, if the station is.';
