-- Messages, the latest first: only failed ones if $1, only of alerts whose id begins with $2 unless null.
SELECT
    at, alert_id, seq, kind, severity, recipient, state, attempts, reason, headline,
    coalesce(named.name, jsonb_build_object('zh', outbox.channel, 'en', outbox.channel)) AS channel,
    count(*) OVER () AS found
FROM outbox
LEFT JOIN delivery_channels AS named ON named.channel = outbox.channel
WHERE (NOT $1::boolean OR state = 'failed') AND ($2::text IS NULL OR starts_with(alert_id, $2))
ORDER BY id DESC
LIMIT $3
