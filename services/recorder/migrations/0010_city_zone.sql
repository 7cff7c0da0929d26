-- The city's midnight goes by the zone of the active plan, no longer by one that stands here.

CREATE OR REPLACE VIEW city_clock AS
SELECT clock.at, date_trunc('day', clock.at, zone.name) AS day_began_at, zone.name AS time_zone
FROM (SELECT max(city_at) AS at FROM consumer_offsets) AS clock
CROSS JOIN (
    SELECT coalesce((
        SELECT coalesce(p.document ->> 'time_zone', 'Asia/Shanghai')
        FROM plan_activations AS a JOIN plans AS p USING (plan_id)
        ORDER BY a.at DESC, a.partition LIMIT 1
    ), 'UTC') AS name
) AS zone;
COMMENT ON VIEW city_clock IS
'One row. at: the city''s time as far as it is stored, in quiet times up to a minute behind; day_began_at: its last midnight; time_zone: IANA name, by the plan activated last (plans of the first releases name none and are of Asia/Shanghai), UTC before any.';
