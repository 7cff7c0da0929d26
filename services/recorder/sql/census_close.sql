-- Close the open alerts of partition $1 that the census does not list and that it is newer than:
-- $2 last offset it includes, $3 its time (epoch ms), $4 listed ids, $5 ce_id, $6 epoch, $7 recorded at.
WITH strangers AS (
    UPDATE alerts AS a SET orphaned_at = ms_time($3)
    FROM (
        SELECT alert_id, state FROM alerts
        WHERE src_partition = $1 AND closed_at IS NULL AND alert_id <> ALL ($4::text[])
            AND (epoch <> $6 OR src_offset <= $2)
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
        ms_time($3), ms_time($3), ms_time($7), alert_id, seq, from_state, 'A', severity, 'orphaned',
        'recorder', '', 0, 0, plan, '', $1::integer || ':' || $2::bigint
    FROM strangers
    ON CONFLICT DO NOTHING
),
noted AS (
    INSERT INTO audit (at, actor, action, target, result, reason, ce_id)
    SELECT ms_time($3), 'recorder', 'close_alert', alert_id, 'applied', 'orphaned', $5 || ':' || alert_id
    FROM strangers
    ON CONFLICT (ce_id) DO NOTHING
)
SELECT alert_id FROM strangers
