-- Alerts whose id begins with $1, open ones first, at most $2.
SELECT alert_id, station_id, seq, severity, headline, raised_at, closed_at
FROM alerts_now
WHERE starts_with(alert_id, $1)
ORDER BY closed_at IS NOT NULL, raised_at DESC, alert_id
LIMIT $2
