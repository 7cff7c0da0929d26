-- Alerts whose id begins with $1, open ones first, at most $2.
SELECT alert_id, raised_at, severity, state, life_safety, held, headline, closed_at
FROM alerts_now
WHERE starts_with(alert_id, $1)
ORDER BY closed_at IS NOT NULL, raised_at DESC, alert_id
LIMIT $2
