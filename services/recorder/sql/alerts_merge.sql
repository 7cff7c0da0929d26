-- The newest snapshot of each alert in the batch; only a larger seq replaces what stands.
INSERT INTO alerts (
    alert_id, seq, rule_id, fingerprint, plan, station_id, point, system, town_code, district_code,
    owner_org, nature, life_safety, severity, state, acked, latched, suppressions, annunciated,
    annunciated_seq, flapping, held, late, clock_fault, onset_at, raised_at, detected_at, cleared_at,
    acked_at, acked_by, closed_at, value, limit_value, unit, headline, incident_id,
    epoch, src_partition, src_offset, snapshot
)
SELECT
    a.alert_id, a.seq, a.rule_id, a.fingerprint, a.plan, a.station_id, a.point, a.system, a.town_code,
    a.district_code, a.owner_org, a.nature, a.life_safety, a.severity, a.state, a.acked, a.latched,
    a.suppressions, a.annunciated, a.annunciated_seq, a.flapping, a.held, a.late, a.clock_fault,
    ms_time(a.onset_at), ms_time(a.raised_at), ms_time(a.detected_at), ms_time(a.cleared_at),
    ms_time(a.acked_at), a.acked_by, ms_time(a.closed_at), a.value, a.limit_value, a.unit, a.headline,
    a.incident_id, i.epoch, i.src_partition, i.src_offset, i.snapshot::jsonb
FROM incoming_alerts AS i,
    jsonb_to_record(i.snapshot::jsonb) AS a (
        alert_id text, seq integer, rule_id text, fingerprint text, plan text, station_id text,
        point text, system text, town_code text, district_code text, owner_org text, nature text,
        life_safety boolean, severity text, state text, acked boolean, latched boolean,
        suppressions jsonb, annunciated boolean, annunciated_seq integer, flapping integer,
        held boolean, late boolean, clock_fault boolean, onset_at bigint, raised_at bigint,
        detected_at bigint, cleared_at bigint, acked_at bigint, acked_by text, closed_at bigint,
        value double precision, limit_value double precision, unit text, headline jsonb,
        incident_id text
    )
ORDER BY a.alert_id
ON CONFLICT (alert_id) DO UPDATE SET
    seq = EXCLUDED.seq, rule_id = EXCLUDED.rule_id, fingerprint = EXCLUDED.fingerprint,
    plan = EXCLUDED.plan, station_id = EXCLUDED.station_id, point = EXCLUDED.point,
    system = EXCLUDED.system, town_code = EXCLUDED.town_code,
    district_code = EXCLUDED.district_code, owner_org = EXCLUDED.owner_org,
    nature = EXCLUDED.nature, life_safety = EXCLUDED.life_safety, severity = EXCLUDED.severity,
    state = EXCLUDED.state, acked = EXCLUDED.acked, latched = EXCLUDED.latched,
    suppressions = EXCLUDED.suppressions, annunciated = EXCLUDED.annunciated,
    annunciated_seq = EXCLUDED.annunciated_seq, flapping = EXCLUDED.flapping,
    held = EXCLUDED.held, late = EXCLUDED.late, clock_fault = EXCLUDED.clock_fault,
    onset_at = EXCLUDED.onset_at, raised_at = EXCLUDED.raised_at,
    detected_at = EXCLUDED.detected_at, cleared_at = EXCLUDED.cleared_at,
    acked_at = EXCLUDED.acked_at, acked_by = EXCLUDED.acked_by, closed_at = EXCLUDED.closed_at,
    value = EXCLUDED.value, limit_value = EXCLUDED.limit_value, unit = EXCLUDED.unit,
    headline = EXCLUDED.headline, incident_id = EXCLUDED.incident_id, epoch = EXCLUDED.epoch,
    src_partition = EXCLUDED.src_partition, src_offset = EXCLUDED.src_offset,
    snapshot = EXCLUDED.snapshot
WHERE alerts.seq < EXCLUDED.seq
