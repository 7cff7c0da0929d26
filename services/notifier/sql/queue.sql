-- A message that waits to be sent; one that is there already stays as it is.
INSERT INTO outbox (
    alert_id, seq, recipient, channel, kind, severity, nature, language, subject, body, headline, at,
    heard_at, queued_at, due_at
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)
ON CONFLICT (alert_id, seq, recipient, channel) DO NOTHING
