-- Alerts, their transitions, one-minute aggregates, station states, reference, audit, rejects.
-- Times are timestamptz; the records carry epoch ms. No statement of ours calls now(): the city's
-- time need not be the machine's.

CREATE FUNCTION ms_time(ms bigint) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN timestamptz 'epoch' + ms * interval '1 millisecond';

COMMENT ON FUNCTION ms_time IS 'Epoch milliseconds as a time.';

CREATE TABLE consumer_offsets (
    topic text NOT NULL,
    partition integer NOT NULL,
    epoch text NOT NULL,
    next_offset bigint NOT NULL,
    last_ce_id text NOT NULL,
    PRIMARY KEY (topic, partition)
);
COMMENT ON TABLE consumer_offsets IS
'What is stored of each topic; written in the transaction that stores it. epoch and last_ce_id belong to the record before next_offset.';

CREATE TABLE alerts (
    alert_id text PRIMARY KEY,
    seq integer NOT NULL,
    rule_id text NOT NULL,
    fingerprint text NOT NULL,
    plan text NOT NULL,
    station_id text NOT NULL,
    point text NOT NULL,
    system text NOT NULL,
    town_code text NOT NULL,
    district_code text NOT NULL,
    owner_org text NOT NULL,
    nature text NOT NULL,
    life_safety boolean NOT NULL,
    severity text NOT NULL,
    state text NOT NULL,
    acked boolean NOT NULL,
    latched boolean NOT NULL,
    suppressions jsonb NOT NULL,
    annunciated boolean NOT NULL,
    annunciated_seq integer NOT NULL,
    flapping integer NOT NULL,
    held boolean NOT NULL,
    late boolean NOT NULL,
    clock_fault boolean NOT NULL,
    onset_at timestamptz NOT NULL,
    raised_at timestamptz NOT NULL,
    detected_at timestamptz NOT NULL,
    cleared_at timestamptz,
    acked_at timestamptz,
    acked_by text,
    closed_at timestamptz,
    value double precision,
    limit_value double precision,
    unit text NOT NULL,
    headline jsonb NOT NULL,
    incident_id text,
    epoch text NOT NULL,
    src_partition integer NOT NULL,
    src_offset bigint NOT NULL,
    snapshot jsonb NOT NULL
);
CREATE INDEX alerts_open ON alerts (src_partition, raised_at DESC) WHERE closed_at IS NULL;
CREATE INDEX alerts_raised ON alerts (raised_at DESC);
CREATE INDEX alerts_station ON alerts (station_id, raised_at DESC);
COMMENT ON TABLE alerts IS
'Each alert as it stands: the snapshot with the largest seq, or closed by a census that did not know it (state A, snapshot as it was). src_partition and src_offset name the event of that snapshot.';

CREATE TABLE alert_transitions (
    at timestamptz NOT NULL,
    detected_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    alert_id text NOT NULL,
    seq integer NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    severity text NOT NULL,
    reason text NOT NULL,
    actor text NOT NULL,
    note text NOT NULL,
    value double precision,
    limit_value double precision,
    clear_value double precision,
    delay_ms bigint NOT NULL,
    samples integer NOT NULL,
    plan text NOT NULL,
    engine_version text NOT NULL,
    event_ref text NOT NULL,
    PRIMARY KEY (alert_id, seq, reason, at)
);
SELECT create_hypertable('alert_transitions', by_range('at', interval '30 days'));
COMMENT ON TABLE alert_transitions IS
'Every transition with its evidence. recorded_at: when the broker took the snapshot; event_ref: partition:offset in events. reason orphaned (by a census) shares the seq of the last transition.';

CREATE TABLE aggregates_1m (
    bucket timestamptz NOT NULL,
    station_id text NOT NULL,
    point text NOT NULL,
    system text NOT NULL,
    town_code text NOT NULL,
    n integer NOT NULL,
    n_good integer NOT NULL,
    sum double precision NOT NULL,
    min double precision,
    max double precision,
    mean double precision,
    last double precision,
    last_at timestamptz,
    revision integer NOT NULL,
    PRIMARY KEY (station_id, point, bucket)
);
SELECT create_hypertable('aggregates_1m', by_range('bucket', interval '1 day'), create_default_indexes => false);
COMMENT ON COLUMN aggregates_1m.revision IS 'Number of parts merged: above 1, late scans were added.';

CREATE TABLE aggregate_parts (
    station_id text NOT NULL,
    point text NOT NULL,
    bucket timestamptz NOT NULL,
    epoch text NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    n integer NOT NULL,
    n_good integer NOT NULL,
    sum double precision NOT NULL,
    min double precision,
    max double precision,
    last double precision,
    last_at timestamptz,
    PRIMARY KEY (station_id, point, bucket, epoch, partition, "offset")
);
COMMENT ON TABLE aggregate_parts IS
'Parts merged lately, by the event (partition, offset) that closed them: a part that comes again is known. See aggregate_floors.';

CREATE TABLE aggregate_floors (
    epoch text NOT NULL,
    partition integer NOT NULL,
    floor_offset bigint NOT NULL,
    PRIMARY KEY (epoch, partition)
);
COMMENT ON TABLE aggregate_floors IS
'Parts of events up to floor_offset are merged and forgotten: one that still comes is a repeat.';

CREATE TABLE station_states (
    at timestamptz NOT NULL,
    station_id text NOT NULL,
    system text NOT NULL,
    town_code text NOT NULL,
    state text NOT NULL,
    silent_points text[] NOT NULL,
    points integer NOT NULL,
    ce_id text NOT NULL,
    PRIMARY KEY (station_id, at, ce_id)
);
SELECT create_hypertable('station_states', by_range('at', interval '30 days'));

CREATE TABLE plans (
    plan_id text PRIMARY KEY,
    format integer NOT NULL,
    district_code text NOT NULL,
    active boolean NOT NULL,
    stations integer NOT NULL,
    points integer NOT NULL,
    document jsonb NOT NULL
);
CREATE TABLE plan_parts (
    plan_id text NOT NULL,
    part integer NOT NULL,
    parts integer NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (plan_id, part)
);
COMMENT ON TABLE plan_parts IS 'Parts of plans that are not complete yet.';

CREATE TABLE plan_activations (
    partition integer PRIMARY KEY,
    plan_id text NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL
);
COMMENT ON TABLE plan_activations IS 'What each partition of events is judged by now.';

CREATE TABLE stations (
    station_id text PRIMARY KEY,
    kind text NOT NULL,
    system text NOT NULL,
    town_code text NOT NULL,
    owner_org text NOT NULL,
    name jsonb NOT NULL,
    lat double precision,
    lon double precision,
    virtual boolean NOT NULL,
    plan_id text NOT NULL
);
COMMENT ON COLUMN stations.plan_id IS 'The last plan that named it: a station that left the city keeps its name here.';

CREATE TABLE points (
    station_id text NOT NULL,
    point text NOT NULL,
    name jsonb NOT NULL,
    unit text NOT NULL,
    low double precision NOT NULL,
    high double precision NOT NULL,
    expected_every_s integer NOT NULL,
    report_mode text NOT NULL,
    life_safety boolean NOT NULL,
    reference double precision,
    rules text[] NOT NULL,
    plan_id text NOT NULL,
    PRIMARY KEY (station_id, point)
);

CREATE TABLE rejects (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rejected_at timestamptz NOT NULL,
    source text NOT NULL,
    station_id text,
    reason text NOT NULL,
    detail text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    headers jsonb NOT NULL,
    original bytea NOT NULL,
    original_bytes integer NOT NULL,
    ce_id text NOT NULL UNIQUE
);
CREATE INDEX rejects_at ON rejects (rejected_at DESC);
COMMENT ON TABLE rejects IS
'What could not be taken, with its origin. original is cut at 64 kB, original_bytes is its full size. topic events: refused by the monitor; another: by the recorder.';

CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    target text NOT NULL,
    result text NOT NULL,
    reason text NOT NULL,
    command_id text,
    ce_id text NOT NULL UNIQUE
);
CREATE INDEX audit_at ON audit (at DESC);
COMMENT ON TABLE audit IS
'Outcomes of commands, activations of plans, findings of the monitor about its input, alerts closed by a census.';
