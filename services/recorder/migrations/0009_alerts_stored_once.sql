-- An alert stands once: the snapshot as the monitor sent it, and columns that the database makes of it (ADR 20).
-- Columns that somebody else than the monitor writes are plain: where the snapshot came from, and orphaned_at.

ALTER TABLE alerts RENAME TO alerts_before;
ALTER INDEX alerts_pkey RENAME TO alerts_before_pkey;
DROP INDEX alerts_open, alerts_raised, alerts_station;

CREATE TABLE alerts (
    snapshot jsonb NOT NULL,
    epoch text NOT NULL,
    src_partition integer NOT NULL,
    src_offset bigint NOT NULL,
    orphaned_at timestamptz,
    alert_id text PRIMARY KEY GENERATED ALWAYS AS (snapshot ->> 'alert_id') STORED,
    seq integer NOT NULL GENERATED ALWAYS AS ((snapshot ->> 'seq')::integer) STORED,
    rule_id text NOT NULL GENERATED ALWAYS AS (snapshot ->> 'rule_id') STORED,
    fingerprint text NOT NULL GENERATED ALWAYS AS (snapshot ->> 'fingerprint') STORED,
    plan text NOT NULL GENERATED ALWAYS AS (snapshot ->> 'plan') STORED,
    station_id text NOT NULL GENERATED ALWAYS AS (snapshot ->> 'station_id') STORED,
    point text NOT NULL GENERATED ALWAYS AS (snapshot ->> 'point') STORED,
    system text NOT NULL GENERATED ALWAYS AS (snapshot ->> 'system') STORED,
    town_code text NOT NULL GENERATED ALWAYS AS (snapshot ->> 'town_code') STORED,
    district_code text NOT NULL GENERATED ALWAYS AS (snapshot ->> 'district_code') STORED,
    owner_org text NOT NULL GENERATED ALWAYS AS (snapshot ->> 'owner_org') STORED,
    nature text NOT NULL GENERATED ALWAYS AS (snapshot ->> 'nature') STORED,
    life_safety boolean NOT NULL GENERATED ALWAYS AS ((snapshot ->> 'life_safety')::boolean) STORED,
    severity text NOT NULL GENERATED ALWAYS AS (snapshot ->> 'severity') STORED,
    state text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN orphaned_at IS NULL THEN snapshot ->> 'state' ELSE 'A' END
    ) STORED,
    acked boolean NOT NULL GENERATED ALWAYS AS ((snapshot ->> 'acked')::boolean) STORED,
    latched boolean NOT NULL GENERATED ALWAYS AS ((snapshot ->> 'latched')::boolean) STORED,
    suppressions jsonb NOT NULL GENERATED ALWAYS AS (snapshot -> 'suppressions') STORED,
    annunciated boolean NOT NULL GENERATED ALWAYS AS ((snapshot ->> 'annunciated')::boolean) STORED,
    annunciated_seq integer NOT NULL GENERATED ALWAYS AS ((snapshot ->> 'annunciated_seq')::integer) STORED,
    flapping integer NOT NULL GENERATED ALWAYS AS ((snapshot ->> 'flapping')::integer) STORED,
    held boolean NOT NULL GENERATED ALWAYS AS (
        orphaned_at IS NULL AND (snapshot ->> 'held')::boolean
    ) STORED,
    late boolean NOT NULL GENERATED ALWAYS AS ((snapshot ->> 'late')::boolean) STORED,
    clock_fault boolean NOT NULL GENERATED ALWAYS AS ((snapshot ->> 'clock_fault')::boolean) STORED,
    onset_at timestamptz NOT NULL GENERATED ALWAYS AS (ms_time((snapshot ->> 'onset_at')::bigint)) STORED,
    raised_at timestamptz NOT NULL GENERATED ALWAYS AS (ms_time((snapshot ->> 'raised_at')::bigint)) STORED,
    detected_at timestamptz NOT NULL GENERATED ALWAYS AS (ms_time((snapshot ->> 'detected_at')::bigint)) STORED,
    cleared_at timestamptz GENERATED ALWAYS AS (ms_time((snapshot ->> 'cleared_at')::bigint)) STORED,
    acked_at timestamptz GENERATED ALWAYS AS (ms_time((snapshot ->> 'acked_at')::bigint)) STORED,
    acked_by text GENERATED ALWAYS AS (snapshot ->> 'acked_by') STORED,
    closed_at timestamptz GENERATED ALWAYS AS (
        coalesce(ms_time((snapshot ->> 'closed_at')::bigint), orphaned_at)
    ) STORED,
    value double precision GENERATED ALWAYS AS ((snapshot ->> 'value')::double precision) STORED,
    limit_value double precision GENERATED ALWAYS AS ((snapshot ->> 'limit_value')::double precision) STORED,
    unit text NOT NULL GENERATED ALWAYS AS (snapshot ->> 'unit') STORED,
    headline jsonb NOT NULL GENERATED ALWAYS AS (snapshot -> 'headline') STORED,
    incident_id text GENERATED ALWAYS AS (snapshot ->> 'incident_id') STORED
);

INSERT INTO alerts (snapshot, epoch, src_partition, src_offset, orphaned_at)
SELECT
    snapshot, epoch, src_partition, src_offset, CASE WHEN snapshot ->> 'closed_at' IS NULL THEN closed_at END
FROM alerts_before;
DROP TABLE alerts_before;

CREATE INDEX alerts_open ON alerts (src_partition, raised_at DESC) WHERE closed_at IS NULL;
CREATE INDEX alerts_raised ON alerts (raised_at DESC);
CREATE INDEX alerts_station ON alerts (station_id, raised_at DESC);
COMMENT ON TABLE alerts IS
'Each alert as it stands: the snapshot with the largest seq; its columns follow it. src_partition and src_offset name the event of that snapshot. orphaned_at: a census of that time did not know the alert, which therefore counts as closed; null again when a later snapshot comes.';

CREATE VIEW alerts_now AS SELECT * FROM alerts;
COMMENT ON VIEW alerts_now IS
'What whoever shows alerts reads: the alerts as they stand, closed by the monitor or by a census.';
