-- name: active_plans
-- What the partitions of events are judged by: each plan with its partitions; figures null until stored.
SELECT activated.plan_id,
       array_agg(activated.partition ORDER BY activated.partition) AS partitions,
       plans.stations,
       plans.points,
       jsonb_array_length(plans.document -> 'rules') AS rules
FROM plan_activations AS activated
LEFT JOIN plans USING (plan_id)
GROUP BY activated.plan_id, plans.plan_id
ORDER BY count(*) DESC, activated.plan_id

-- name: open_alerts_by_severity
-- Open alerts by severity, and how many of them nobody has acknowledged.
SELECT severity, count(*) AS n, count(*) FILTER (WHERE NOT acked) AS unacked
FROM alerts_now
WHERE closed_at IS NULL
GROUP BY severity

-- name: recorder_offsets
-- Up to where the recorder has stored each partition; topics without their namespace.
SELECT topic, partition, next_offset FROM consumer_offsets

-- name: rejects_by_reason
-- What could not be taken since $1 (the city's time), by reason, the most frequent first.
SELECT reason, count(*) AS n FROM rejects WHERE rejected_at >= $1 GROUP BY reason ORDER BY n DESC, reason

-- name: timescaledb
-- The version of TimescaleDB in this database (null: it is not there), and its edition.
SELECT
    (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS version,
    current_setting('timescaledb.license', true) AS licence

-- name: migrations
-- The migrations of this schema, with the digests of their files.
SELECT name, sha256 FROM migrations

-- name: stations_by_state
-- How many stations are in each state.
SELECT state, count(*) AS stations FROM stations_now GROUP BY state

-- name: judged
-- What was said last of each partition of events: until when it is judged (epoch ms), how far behind, said when
-- (epoch seconds, the broker's clock).
SELECT
    partition, (extract(epoch FROM until) * 1000)::bigint AS until, behind_ms,
    extract(epoch FROM said_at)::double precision AS said_s
FROM judged
