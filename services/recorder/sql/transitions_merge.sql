-- Timelines repeat earlier transitions: whatever was missed before is filled in.
INSERT INTO alert_transitions (
    at, detected_at, recorded_at, alert_id, seq, from_state, to_state, severity, reason, actor, note,
    value, limit_value, clear_value, delay_ms, samples, plan, engine_version, event_ref
)
SELECT
    ms_time(at), ms_time(detected_at), ms_time(recorded_at), alert_id, seq, from_state, to_state,
    severity, reason, actor, note, value, limit_value, clear_value, delay_ms, samples, plan,
    engine_version, event_ref
FROM incoming_transitions
ORDER BY alert_id, seq
ON CONFLICT (alert_id, seq, reason, at) DO NOTHING
