-- What the outbox holds of the alerts $1: the largest seq, and each lane that was told of a raise.
SELECT
    alert_id, recipient, channel, max(seq) AS last_seq,
    bool_or(kind IN ('raised', 'escalated') AND state <> 'failed') AS told
FROM outbox
WHERE alert_id = ANY ($1::text[])
GROUP BY alert_id, recipient, channel
