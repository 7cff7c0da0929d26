-- Transitions of alert $1 in their order.
SELECT
    at, seq, from_state, to_state, severity, reason, actor, note, value, limit_value, clear_value, delay_ms,
    samples, event_ref
FROM alert_transitions
WHERE alert_id = $1
ORDER BY seq, at
