-- Message $1 did not arrive ($4): its lane rests until $2. What was queued before $3 is given up, and $1 if $5.
UPDATE outbox AS o SET
    state = CASE WHEN o.queued_at <= $3 OR (o.id = $1 AND $5) THEN 'failed' ELSE 'waiting' END,
    done_at = CASE WHEN o.queued_at <= $3 OR (o.id = $1 AND $5) THEN $6::timestamptz END,
    reason = CASE WHEN o.id = $1 OR o.queued_at <= $3 THEN $4 ELSE o.reason END,
    due_at = $2
FROM outbox AS head
WHERE head.id = $1 AND o.recipient = head.recipient AND o.channel = head.channel
    AND (o.id = $1 OR o.state = 'waiting')
RETURNING o.state
