-- Messages, the latest first: only failed ones if $1, only of alerts whose id begins with $2 unless null.
SELECT
    at, alert_id, seq, kind, severity, recipient, channel, state, attempts, reason, headline,
    count(*) OVER () AS found
FROM outbox
WHERE (NOT $1::boolean OR state = 'failed') AND ($2::text IS NULL OR starts_with(alert_id, $2))
ORDER BY id DESC
LIMIT $3
