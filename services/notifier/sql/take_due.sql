-- Take the first message of each lane, if it is due at $1 and none of its lane is being sent; at most $2.
-- The attempt is noted before it is made.
WITH heads AS (
    SELECT DISTINCT ON (recipient, channel) id, state, due_at
    FROM outbox
    WHERE state IN ('waiting', 'sending')
    ORDER BY recipient, channel, id
),

due AS (
    SELECT o.id
    FROM outbox AS o
    INNER JOIN heads AS h ON h.id = o.id
    WHERE h.state = 'waiting' AND h.due_at <= $1 AND o.state = 'waiting'
    ORDER BY o.id
    LIMIT $2
    FOR UPDATE OF o SKIP LOCKED
),

taken AS (
    UPDATE outbox AS o SET state = 'sending', attempts = o.attempts + 1
    FROM due
    WHERE o.id = due.id
    RETURNING o.*
),

noted AS (
    INSERT INTO delivery_attempts (at, outbox_id, attempt, alert_id, seq, recipient, channel, result)
    SELECT $1, id, attempts, alert_id, seq, recipient, channel, 'begun' FROM taken
)

SELECT
    id, alert_id, seq, recipient, channel, kind, severity, nature, language, subject, body, headline, at,
    heard_at, attempts
FROM taken
ORDER BY id
