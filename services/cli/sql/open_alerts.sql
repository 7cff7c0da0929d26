-- The alerts raised last that are open, at most $1.
SELECT alert_id, station_id, seq, severity, headline, raised_at, closed_at
FROM alerts_now
WHERE closed_at IS NULL
ORDER BY raised_at DESC, alert_id
LIMIT $1
