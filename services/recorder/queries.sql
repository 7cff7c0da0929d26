-- name: migrations_unlock
-- The next process may migrate. $1 names the lock.
SELECT pg_advisory_unlock(hashtextextended($1, 0))

-- name: migrations_unlimited
-- Until the transaction ends no limit of the session's counts, and a statement whose client is gone ends.
SELECT set_config(name, CASE name WHEN 'client_connection_check_interval' THEN '2000' ELSE '0' END, true)
FROM pg_settings
WHERE name IN (
    'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout',
    'client_connection_check_interval'
)

-- name: migrations_table
-- What was applied, and when by the machine's clock: a fact about the installation, not about the city.
CREATE TABLE IF NOT EXISTS migrations (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL
)

-- name: migrations_applied
-- The migrations that this schema has had, and of which files.
SELECT name, sha256 FROM migrations ORDER BY name

-- name: migration_note
-- Migration $1 of the file with SHA-256 $2 was applied at $3.
INSERT INTO migrations (name, sha256, applied_at) VALUES ($1, $2, $3)

-- name: schema_of
-- Whether there is a schema $1, and whether migrations of ours made it.
SELECT
    to_regnamespace(quote_ident($1)) IS NOT NULL AS exists,
    to_regclass(quote_ident($1) || '.consumer_offsets') IS NOT NULL
    AND to_regclass(quote_ident($1) || '.migrations') IS NOT NULL AS ours

-- name: temporary_tables
-- Where COPY puts a batch's rows; empty again after each transaction.
CREATE TEMPORARY TABLE incoming_alerts (
    epoch text, src_partition integer, src_offset bigint, snapshot text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE incoming_transitions (LIKE alert_transitions) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE incoming_parts (
    station_id text, point text, bucket bigint, system text, town_code text, n integer, n_good integer,
    sum double precision, min double precision, max double precision, last double precision, last_at bigint
) ON COMMIT DELETE ROWS;

-- name: alerts_merge
-- The newest snapshot of each alert in the batch; only a larger seq replaces what stands.
INSERT INTO alerts (snapshot, epoch, src_partition, src_offset)
SELECT i.snapshot::jsonb, i.epoch, i.src_partition, i.src_offset
FROM incoming_alerts AS i
ORDER BY i.snapshot::jsonb ->> 'alert_id'
ON CONFLICT (alert_id) DO UPDATE SET
    snapshot = EXCLUDED.snapshot, epoch = EXCLUDED.epoch, src_partition = EXCLUDED.src_partition,
    src_offset = EXCLUDED.src_offset, orphaned_at = NULL
WHERE alerts.seq < EXCLUDED.seq

-- name: transitions_merge
-- Timelines repeat earlier transitions: whatever was missed before is filled in.
INSERT INTO alert_transitions
SELECT * FROM incoming_transitions ORDER BY alert_id, seq
ON CONFLICT (alert_id, seq, reason, at) DO NOTHING

-- name: census_open
-- The open alerts of partition $1, each with the event of its snapshot.
SELECT alert_id, epoch, src_offset FROM alerts WHERE src_partition = $1 AND closed_at IS NULL

-- name: census_close
-- Close the open alerts $4, which a census of partition $1 does not know: $2 last offset it includes, $3 its time
-- (epoch ms), $5 ce_id, $6 recorded at.
WITH orphans AS (
    UPDATE alerts AS a SET orphaned_at = ms_time($3)
    FROM (
        SELECT alert_id, state FROM alerts WHERE closed_at IS NULL AND alert_id = ANY ($4::text[])
    ) AS before
    WHERE a.alert_id = before.alert_id
    RETURNING a.alert_id, a.seq, before.state AS from_state, a.severity, a.plan
),
transitions AS (
    INSERT INTO alert_transitions (
        at, detected_at, recorded_at, alert_id, seq, from_state, to_state, severity, reason, actor,
        note, delay_ms, samples, plan, engine_version, event_ref
    )
    SELECT
        ms_time($3), ms_time($3), ms_time($6), alert_id, seq, from_state, 'A', severity, 'orphaned',
        'recorder', '', 0, 0, plan, '', $1::integer || ':' || $2::bigint
    FROM orphans
    ON CONFLICT DO NOTHING
),
noted AS (
    INSERT INTO audit (at, actor, action, target, result, reason, ce_id)
    SELECT ms_time($3), 'recorder', 'close_alert', alert_id, 'applied', 'orphaned', $5 || ':' || alert_id
    FROM orphans
    ON CONFLICT (ce_id) DO NOTHING
)
SELECT alert_id FROM orphans ORDER BY alert_id

-- name: parts_remember
-- Remember the parts of minutes $2 of stations $1, closed by events $3, $4, $5, as far as they
-- are new; those. Parts at or below the floor are repeats.
INSERT INTO aggregate_parts (station_id, bucket, epoch, partition, "offset")
SELECT i.station_id, i.bucket, i.epoch, i.partition, i."offset"
FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::integer[], $5::bigint[])
    AS i (station_id, bucket, epoch, partition, "offset")
LEFT JOIN aggregate_floors AS f ON f.epoch = i.epoch AND f.partition = i.partition
WHERE f.floor_offset IS NULL OR i."offset" > f.floor_offset
ON CONFLICT DO NOTHING
RETURNING station_id, bucket, epoch, partition, "offset"

-- name: parts_merge
-- Adds parts to their minutes. At most one part of a (station, point, minute) may stand in incoming_parts.
INSERT INTO aggregates_1m AS a (
    bucket, station_id, point, system, town_code, n, n_good, sum, min, max, mean, last, last_at,
    revision
)
SELECT
    ms_time(i.bucket), i.station_id, i.point, i.system, i.town_code, i.n, i.n_good, i.sum, i.min,
    i.max, i.sum / nullif(i.n_good, 0), i.last, ms_time(i.last_at), 1
FROM incoming_parts AS i
ON CONFLICT (station_id, point, bucket) DO UPDATE SET
    n = a.n + EXCLUDED.n,
    n_good = a.n_good + EXCLUDED.n_good,
    sum = a.sum + EXCLUDED.sum,
    min = least(a.min, EXCLUDED.min),
    max = greatest(a.max, EXCLUDED.max),
    mean = (a.sum + EXCLUDED.sum) / nullif(a.n_good + EXCLUDED.n_good, 0),
    last = CASE WHEN EXCLUDED.last_at >= coalesce(a.last_at, '-infinity') THEN EXCLUDED.last ELSE a.last END,
    last_at = greatest(a.last_at, EXCLUDED.last_at),
    revision = a.revision + 1

-- name: parts_prune
-- Forget the parts of events before the oldest one within $1 of its partition's newest minute.
WITH kept AS (
    SELECT p.epoch, p.partition, min(p."offset") - 1 AS floor_offset
    FROM aggregate_parts AS p
    INNER JOIN (
        SELECT epoch, partition, max(bucket) AS newest FROM aggregate_parts GROUP BY epoch, partition
    ) AS n ON n.epoch = p.epoch AND n.partition = p.partition
    WHERE p.bucket >= n.newest - $1::interval
    GROUP BY p.epoch, p.partition
),
floors AS (
    INSERT INTO aggregate_floors AS f (epoch, partition, floor_offset)
    SELECT epoch, partition, floor_offset FROM kept
    ON CONFLICT (epoch, partition) DO UPDATE SET floor_offset = EXCLUDED.floor_offset
    WHERE f.floor_offset < EXCLUDED.floor_offset
)
DELETE FROM aggregate_parts AS p
USING kept
WHERE p.epoch = kept.epoch AND p.partition = kept.partition AND p."offset" <= kept.floor_offset

-- name: chunks_of
-- The chunks of hypertable $1, the oldest first, with the sizes of their rows.
SELECT range_start, range_end, pg_relation_size(format('%I.%I', chunk_schema, chunk_name)::regclass) AS bytes
FROM timescaledb_information.chunks
WHERE hypertable_schema = current_schema() AND hypertable_name = $1
ORDER BY range_start

-- name: rows_by_day
-- How many rows of aggregates are stored of each day.
SELECT time_bucket(interval '1 day', bucket) AS day, count(*) AS rows FROM aggregates_1m GROUP BY 1

-- name: chunks_drop
-- Drop the chunks of hypertable $1 that end at $2 or before.
SELECT drop_chunks(format('%I.%I', current_schema(), $1::text)::regclass, older_than => $2::timestamptz)

-- name: rejects_prune
-- At most $2 rejects from before $1 go.
DELETE FROM rejects
WHERE id IN (SELECT id FROM rejects WHERE rejected_at < $1 ORDER BY rejected_at LIMIT $2)

-- name: rejects_cut
-- At most $2 of the rejects that are not among the newest $1 go, whatever their times say.
DELETE FROM rejects
WHERE id IN (SELECT id FROM rejects WHERE id <= (SELECT max(id) FROM rejects) - $1::bigint ORDER BY id LIMIT $2)

-- name: audit_prune
-- At most $2 rows of the audit from before $1 go.
DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 ORDER BY at LIMIT $2)

-- name: audit_cut
-- At most $2 rows of the audit that are not among the newest $1 go, whatever their times say.
DELETE FROM audit
WHERE id IN (SELECT id FROM audit WHERE id <= (SELECT max(id) FROM audit) - $1::bigint ORDER BY id LIMIT $2)

-- name: alerts_prune
-- At most $2 alerts that were closed before $1 go.
DELETE FROM alerts
WHERE alert_id IN (SELECT alert_id FROM alerts WHERE closed_at < $1 ORDER BY closed_at LIMIT $2)

-- name: inspections_prune
-- At most $2 inspections from before $1 go.
DELETE FROM inspections
WHERE inspection_id IN (SELECT inspection_id FROM inspections WHERE at < $1 ORDER BY at LIMIT $2)

-- name: plans_prune
-- Plans go that judge no partition, that no alert, station or point names, and that are not among the newest $1.
DELETE FROM plans AS p
WHERE p.plan_id NOT IN (SELECT plan_id FROM plans ORDER BY stored_nr DESC LIMIT $1)
    AND NOT EXISTS (SELECT FROM plan_activations AS x WHERE x.plan_id = p.plan_id)
    AND NOT EXISTS (SELECT FROM alerts AS x WHERE x.plan = p.plan_id)
    AND NOT EXISTS (SELECT FROM stations AS x WHERE x.plan_id = p.plan_id)
    AND NOT EXISTS (SELECT FROM points AS x WHERE x.plan_id = p.plan_id)

-- name: plan_parts_prune
-- Parts go of plans that are not among the newest $1 of which parts are missing.
DELETE FROM plan_parts
WHERE plan_id NOT IN (SELECT plan_id FROM plan_parts GROUP BY plan_id ORDER BY max(stored_nr) DESC LIMIT $1)

-- name: plan_part_insert
-- A part that stands there stays: what comes under its number later is a repeat, or no part of the plan.
INSERT INTO plan_parts (plan_id, part, parts, body) VALUES ($1, $2, $3, $4)
ON CONFLICT (plan_id, part) DO NOTHING

-- name: plan_parts_of
-- The parts of plan $1 that are there.
SELECT part, parts, body FROM plan_parts WHERE plan_id = $1 ORDER BY part

-- name: plan_parts_delete
-- The plan $1 is whole: its parts are not needed any more.
DELETE FROM plan_parts WHERE plan_id = $1

-- name: plan_upsert
-- The plan $1 with its serialisation $2. It is active where a partition is judged by it. One that is
-- published again counts as new: it is about to be used.
INSERT INTO plans (plan_id, format, district_code, active, stations, points, document)
SELECT
    $1, (d.document ->> 'format')::integer, d.document ->> 'district_code',
    EXISTS (SELECT FROM plan_activations WHERE plan_id = $1),
    jsonb_array_length(d.document -> 'stations'),
    (SELECT coalesce(sum(jsonb_array_length(s -> 'points')), 0)
        FROM jsonb_array_elements(d.document -> 'stations') AS s),
    d.document
FROM (SELECT $2::text::jsonb AS document) AS d
ON CONFLICT (plan_id) DO UPDATE SET stored_nr = DEFAULT

-- name: plans_active
-- A plan is active where some partition is judged by it.
UPDATE plans AS p SET active = NOT p.active
WHERE p.active <> EXISTS (SELECT FROM plan_activations AS a WHERE a.plan_id = p.plan_id)

-- name: plan_current
-- The plan that was activated last, in whatever partition.
SELECT plan_id FROM plan_activations ORDER BY at DESC, partition LIMIT 1

-- name: plan_stations
-- Stations of plan $1, if it is stored: they become what the tables say. Columns are those of the table.
INSERT INTO stations
SELECT s.*
FROM plans AS p,
    jsonb_array_elements(p.document -> 'stations') AS e (station),
    jsonb_populate_record(
        NULL::stations,
        '{"protection_zone": false, "traits": []}' || jsonb_strip_nulls(e.station)
        || jsonb_build_object('plan_id', p.plan_id)
    ) AS s
WHERE p.plan_id = $1
ON CONFLICT (station_id) DO UPDATE SET
    kind = EXCLUDED.kind, system = EXCLUDED.system, town_code = EXCLUDED.town_code,
    owner_org = EXCLUDED.owner_org, name = EXCLUDED.name, lat = EXCLUDED.lat, lon = EXCLUDED.lon,
    virtual = EXCLUDED.virtual, address = EXCLUDED.address, landmark = EXCLUDED.landmark,
    duty_phone = EXCLUDED.duty_phone, access_note = EXCLUDED.access_note,
    protection_zone = EXCLUDED.protection_zone, traits = EXCLUDED.traits, road = EXCLUDED.road,
    serves_people = EXCLUDED.serves_people, serves_m2 = EXCLUDED.serves_m2, plan_id = EXCLUDED.plan_id

-- name: plan_points
-- Points of plan $1, if it is stored. Columns are those of the table, where the plan does not name them otherwise.
INSERT INTO points
SELECT r.*
FROM plans AS p,
    jsonb_array_elements(p.document -> 'stations') AS s (station),
    jsonb_array_elements(s.station -> 'points') AS e (point),
    jsonb_populate_record(
        NULL::points,
        '{"states": {}}' || jsonb_strip_nulls(e.point) || jsonb_build_object(
            'station_id', s.station ->> 'station_id', 'point', e.point ->> 'code', 'plan_id', p.plan_id,
            'computed', e.point ->> 'computed' IS NOT NULL,
            'calibration_due', ms_time((e.point ->> 'calibration_due')::bigint)
        )
    ) AS r
WHERE p.plan_id = $1
ON CONFLICT (station_id, point) DO UPDATE SET
    name = EXCLUDED.name, unit = EXCLUDED.unit, low = EXCLUDED.low, high = EXCLUDED.high,
    expected_every_s = EXCLUDED.expected_every_s, report_mode = EXCLUDED.report_mode,
    life_safety = EXCLUDED.life_safety, reference = EXCLUDED.reference, rules = EXCLUDED.rules,
    states = EXCLUDED.states, computed = EXCLUDED.computed, calibration_due = EXCLUDED.calibration_due,
    plan_id = EXCLUDED.plan_id

-- name: plan_valves
-- Valves and switches of plan $1, if it is stored.
INSERT INTO valves
SELECT v.*
FROM plans AS p,
    jsonb_array_elements(p.document -> 'valves') AS e (entry),
    jsonb_populate_record(NULL::valves, e.entry || jsonb_build_object('plan_id', p.plan_id)) AS v
WHERE p.plan_id = $1
ON CONFLICT (valve_id) DO UPDATE SET
    kind = EXCLUDED.kind, system = EXCLUDED.system, town_code = EXCLUDED.town_code, name = EXCLUDED.name,
    lat = EXCLUDED.lat, lon = EXCLUDED.lon, plan_id = EXCLUDED.plan_id

-- name: plan_key_users
-- Key users of plan $1, if it is stored.
INSERT INTO key_users
SELECT v.*
FROM plans AS p,
    jsonb_array_elements(p.document -> 'key_users') AS e (entry),
    jsonb_populate_record(NULL::key_users, e.entry || jsonb_build_object('plan_id', p.plan_id)) AS v
WHERE p.plan_id = $1
ON CONFLICT (user_id) DO UPDATE SET
    kind = EXCLUDED.kind, town_code = EXCLUDED.town_code, name = EXCLUDED.name, lat = EXCLUDED.lat,
    lon = EXCLUDED.lon, plan_id = EXCLUDED.plan_id

-- name: plan_links
-- The links are those of plan $1, if it is stored: others go.
WITH wanted AS (
    SELECT DISTINCT l.kind, l.origin, l.target, l.valve
    FROM plans AS p,
        jsonb_to_recordset(p.document -> 'links') AS l (kind text, origin text, target text, valve text)
    WHERE p.plan_id = $1
),
gone AS (
    DELETE FROM links AS l
    WHERE EXISTS (SELECT FROM plans AS p WHERE p.plan_id = $1)
        AND NOT EXISTS (
            SELECT FROM wanted AS w
            WHERE w.kind = l.kind AND w.origin = l.origin AND w.target = l.target
                AND w.valve IS NOT DISTINCT FROM l.valve
        )
)
INSERT INTO links (kind, origin, target, valve)
SELECT kind, origin, target, valve FROM wanted
ON CONFLICT DO NOTHING

-- name: activation_upsert
-- From $3 (epoch ms) on partition $1 is judged by plan $2. A repeat of an older activation changes nothing.
INSERT INTO plan_activations AS p (partition, plan_id, at, actor)
VALUES ($1, $2, ms_time($3), $4)
ON CONFLICT (partition) DO UPDATE SET plan_id = EXCLUDED.plan_id, at = EXCLUDED.at, actor = EXCLUDED.actor
WHERE p.at <= EXCLUDED.at

-- name: audit_insert
-- What was done or noted at $1 (epoch ms); what comes again changes nothing.
INSERT INTO audit (at, actor, action, target, result, reason, command_id, ce_id)
VALUES (ms_time($1), $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (ce_id) DO NOTHING

-- name: station_state_insert
-- The state that a station came into at $1 (epoch ms).
INSERT INTO station_states (at, station_id, system, town_code, state, silent_points, points, sources, ce_id)
VALUES (ms_time($1), $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (station_id, at, ce_id) DO NOTHING

-- name: inspection_insert
-- An inspection, as it was taken first: what comes again changes nothing.
INSERT INTO inspections (
    inspection_id, station_id, system, town_code, kind, point, at, taken_at, inspector, grade, defect,
    note, nature, ce_id
)
VALUES ($1, $2, $3, $4, $5, $6, ms_time($7), ms_time($8), $9, $10, $11, $12, $13, $14)
ON CONFLICT (inspection_id) DO NOTHING

-- name: reject_insert
-- The record $1 that was rejected at $2 (epoch ms), with where it stood and what it held.
INSERT INTO rejects (
    ce_id, rejected_at, source, station_id, reason, detail, topic, partition, "offset", headers, original,
    original_bytes
)
VALUES ($1, ms_time($2), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (ce_id) DO NOTHING

-- name: city_note
-- What time it was in the city ($3, epoch ms) at the last records taken of partitions $1, $2.
UPDATE consumer_offsets AS o SET city_at = greatest(o.city_at, ms_time(a.city_ms))
FROM unnest($1::text[], $2::integer[], $3::bigint[]) AS a (topic, partition, city_ms)
WHERE o.topic = a.topic AND o.partition = a.partition

-- name: judged_upsert
-- At $5 (epoch ms, the broker's clock) partition $1 was judged until $2 (epoch ms), $3 records waited, it was $4 ms
-- behind.
INSERT INTO judged AS j (partition, until, waiting, behind_ms, said_at)
VALUES ($1, ms_time($2), $3, $4, ms_time($5))
ON CONFLICT (partition) DO UPDATE SET
    until = EXCLUDED.until, waiting = EXCLUDED.waiting, behind_ms = EXCLUDED.behind_ms, said_at = EXCLUDED.said_at
WHERE j.said_at <= EXCLUDED.said_at
