-- name: alerts_list
-- Alerts, at most $5: closed ones too if $1, then the newest first instead of the most urgent; severities $2,
-- systems $3, beginnings of town codes $4 (all of them where null).
SELECT
    alert_id, raised_at, severity, state, life_safety, held, headline, closed_at,
    count(*) OVER () AS found
FROM alerts_now
WHERE ($1 OR closed_at IS NULL)
    AND ($2::text[] IS NULL OR severity = ANY ($2))
    AND ($3::text[] IS NULL OR system = ANY ($3))
    AND ($4::text[] IS NULL OR town_code ^@ ANY ($4))
ORDER BY
    CASE WHEN $1 THEN 0 ELSE array_position(ARRAY['critical', 'major', 'warn', 'notice'], severity) END,
    raised_at DESC, alert_id
LIMIT $5

-- name: alerts_by_prefix
-- Alerts whose id begins with $1, open ones first, at most $2.
SELECT alert_id, station_id, seq, raised_at, severity, state, life_safety, held, headline, closed_at
FROM alerts_now
WHERE starts_with(alert_id, $1)
ORDER BY closed_at IS NOT NULL, raised_at DESC, alert_id
LIMIT $2

-- name: alert_page
-- Alert $1 with the names of its place and system, and with title, guidance and source of its rule, as far as stored.
SELECT
    a.*, s.name AS station_name, p.name AS point_name, plans.document -> 'towns' -> a.town_code AS town_name,
    named.name AS system_name,
    p.states AS point_states, rule.kind AS rule_kind, rule.title AS rule_title, rule.guidance, rule.source,
    rule.source_status
FROM alerts_now AS a
LEFT JOIN stations AS s ON s.station_id = a.station_id
LEFT JOIN points AS p ON p.station_id = a.station_id AND p.point = a.point
LEFT JOIN plans ON plans.plan_id = a.plan
LEFT JOIN jsonb_to_recordset(plans.document -> 'systems') AS named (system text, name jsonb)
    ON named.system = a.system
LEFT JOIN jsonb_to_recordset(plans.document -> 'rules') AS rule (
    rule_id text, kind text, title jsonb, guidance jsonb, source text, source_status text
) ON rule.rule_id = a.rule_id
WHERE a.alert_id = $1

-- name: alert_history
-- Transitions of alert $1 in their order.
SELECT
    at, seq, from_state, to_state, severity, reason, actor, note, value, limit_value, clear_value, delay_ms,
    samples, event_ref
FROM alert_transitions
WHERE alert_id = $1
ORDER BY seq, at

-- name: codes_named
-- Codes of systems and of towns that are meant by $1: a code, the beginning of a town's, or a name in any stored plan.
WITH named (code, name) AS (
    SELECT s.* FROM plans, jsonb_to_recordset(plans.document -> 'systems') AS s (system text, name jsonb)
    UNION
    SELECT t.* FROM plans, jsonb_each(plans.document -> 'towns') AS t
)
SELECT lower($1) AS code
UNION
SELECT code FROM named WHERE name ->> 'zh' = $1 OR lower(name ->> 'en') = lower($1)

-- name: inspections_list
-- Inspections of systems $1 and beginnings of town codes $2 (all where null), the latest first, at most $3.
SELECT
    i.at, i.station_id, i.system, i.kind, i.point, i.inspector, i.grade, i.defect, i.note,
    s.name AS station_name, p.name AS point_name, named.name AS system_name, count(*) OVER () AS found
FROM inspections AS i
LEFT JOIN stations AS s ON s.station_id = i.station_id
LEFT JOIN points AS p ON p.station_id = i.station_id AND p.point = i.point
LEFT JOIN plans ON plans.plan_id = s.plan_id
LEFT JOIN jsonb_to_recordset(plans.document -> 'systems') AS named (system text, name jsonb)
    ON named.system = i.system
WHERE ($1::text[] IS NULL OR i.system = ANY ($1))
    AND ($2::text[] IS NULL OR i.town_code ^@ ANY ($2))
ORDER BY i.at DESC, i.inspection_id
LIMIT $3

-- name: rejects_list
-- Rejects, the newest first, at most $3: of reason $1 and source $2, where these are not null.
SELECT
    id, rejected_at, source, station_id, reason, detail, topic, partition, "offset", original_bytes,
    count(*) OVER () AS found
FROM rejects
WHERE ($1::text IS NULL OR reason = $1) AND ($2::text IS NULL OR source = $2)
ORDER BY rejected_at DESC, id DESC
LIMIT $3

-- name: reject_page
-- Reject $1.
SELECT * FROM rejects WHERE id = $1

-- name: deliveries_list
-- Messages, the latest first: only those that did not arrive and are not tried again if $1, only of alerts whose id begins with $2 unless null.
SELECT
    at, alert_id, seq, kind, recipient, state, attempts, reason, headline,
    coalesce(named.name, jsonb_build_object('zh', outbox.channel, 'en', outbox.channel)) AS channel,
    count(*) OVER () AS found
FROM outbox
LEFT JOIN delivery_channels AS named ON named.channel = outbox.channel
WHERE (NOT $1::boolean OR state IN ('failed', 'dropped')) AND ($2::text IS NULL OR starts_with(alert_id, $2))
ORDER BY id DESC
LIMIT $3

-- name: coverage
-- Stations, points that devices have to report, those seen in time, and their share, rounded down to a tenth of a
-- percent: by system and town, by either (the other is null), and of the whole city (both are).
SELECT
    system, town_code, stations, expected, seen,
    (floor(1000.0 * seen / nullif(expected, 0)) / 10)::double precision AS percent
FROM (
    SELECT
        system, town_code, count(*) AS stations, sum(cardinality(expected)) AS expected,
        sum(cardinality(expected) - cardinality(silent)) AS seen
    FROM stations_now
    GROUP BY GROUPING SETS ((system, town_code), (system), (town_code), ())
) AS shares
ORDER BY system, town_code

-- name: silent_sources
-- Sources all of whose stations are silent; of a single station nobody knows which of both it is. since:
-- from when on they all were.
SELECT
    source.name AS source, count(*) AS stations, array_agg(DISTINCT s.system ORDER BY s.system) AS systems,
    array_agg(s.station_id ORDER BY s.station_id) AS station_ids, max(s.told_at) AS since
FROM stations_now AS s, unnest(s.sources) AS source (name)
GROUP BY source.name
HAVING bool_and(s.state = 'silent') AND count(*) > 1
ORDER BY count(*) DESC, source.name

-- name: silent_stations
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

-- name: silent_points
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

-- name: systems
-- Names of the systems, in the order of the city's file.
SELECT system AS code, name FROM systems_now ORDER BY place

-- name: towns
-- Names of the towns.
SELECT town_code AS code, name FROM towns_now ORDER BY town_code

-- name: city_time
-- The city's time as far as it is stored; null: nothing is.
SELECT at FROM city_clock

-- name: instruments
-- What instruments, clocks and sources do that they should not: alerts of the rules any.* that are active or ended
-- after $1, rejects of the reasons $2 and findings about stations since then. last: null while it goes on.
SELECT
    told.how, told.station_id, s.name AS station_name, s.system, s.town_code, told.point, told.source, told.since,
    told.last, told.times, told.words
FROM (
    SELECT
        rule_id AS how, station_id, nullif(point, 'station') AS point, NULL AS source, min(raised_at) AS since,
        CASE WHEN bool_and(cleared_at IS NOT NULL) THEN max(cleared_at) END AS last,
        sum(1 + flapping)::bigint AS times, (array_agg(headline ORDER BY raised_at DESC))[1] AS words
    FROM alerts_now
    WHERE starts_with(rule_id, 'any.') AND (cleared_at IS NULL OR cleared_at > $1)
    GROUP BY rule_id, station_id, point
    UNION ALL
    SELECT
        reason, station_id, NULL, source, min(rejected_at), max(rejected_at), count(*),
        jsonb_build_object('zh', max(detail), 'en', max(detail))
    FROM rejects
    WHERE rejected_at > $1 AND reason = ANY ($2)
    GROUP BY reason, station_id, source
    UNION ALL
    SELECT
        a.action, a.target, NULL, NULL, min(a.at), max(a.at), count(*),
        jsonb_build_object('zh', max(a.reason), 'en', max(a.reason))
    FROM audit AS a
    INNER JOIN stations ON stations.station_id = a.target
    WHERE a.at > $1 AND a.actor = 'monitor' AND a.result = 'noted'
    GROUP BY a.action, a.target
) AS told
LEFT JOIN stations AS s ON s.station_id = told.station_id
ORDER BY told.how, told.last IS NOT NULL, told.times DESC, told.station_id, told.point, told.source
