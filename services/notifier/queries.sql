-- name: has_tables
-- Whether the recorder has made the tables that the notifier needs.
SELECT to_regclass('outbox') IS NOT NULL AND to_regclass('plans') IS NOT NULL

-- name: begin_of
-- The instant that the first start fixed: nobody is notified of what came before it.
SELECT floor_at FROM notifier_begin

-- name: begin_fix
-- The first start fixes that instant: $1. Only the one notifier of the namespace may do so.
INSERT INTO notifier_begin (floor_at) VALUES ($1)

-- name: begin_forget
-- The next start fixes it anew.
DELETE FROM notifier_begin

-- name: notified
-- What the outbox holds of the alerts $1: the largest seq, and the lanes (recipient, channel) of calls that did not fail.
SELECT
    alert_id, max(seq) AS last_seq,
    coalesce(
        jsonb_agg(jsonb_build_array(recipient, channel))
            FILTER (WHERE kind IN ('raised', 'escalated') AND state <> 'failed'),
        '[]'
    ) AS lanes
FROM outbox
WHERE alert_id = ANY ($1::text[])
GROUP BY alert_id

-- name: places_of
-- Where the stations $1 stand.
SELECT station_id, address, landmark FROM stations WHERE station_id = ANY ($1::text[])

-- name: rules_of
-- What to do by each rule of plan $1; nothing while the plan is not stored.
SELECT rule.rule_id, rule.guidance
FROM plans
CROSS JOIN LATERAL jsonb_to_recordset(plans.document -> 'rules') AS rule (rule_id text, guidance jsonb)
WHERE plans.plan_id = $1

-- name: queue
-- A message that waits to be sent; one that is there already stays as it is.
INSERT INTO outbox (
    alert_id, seq, recipient, channel, kind, severity, nature, language, subject, body, headline, at,
    heard_at, queued_at, due_at
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)
ON CONFLICT (alert_id, seq, recipient, channel) DO NOTHING

-- name: channel_upsert
-- A channel by which messages go, and how people call it.
INSERT INTO delivery_channels AS known (channel, name) VALUES ($1, $2)
ON CONFLICT (channel) DO UPDATE SET name = EXCLUDED.name WHERE known.name IS DISTINCT FROM EXCLUDED.name

-- name: interrupted
-- Messages whose sending a process began that is gone: unknown whether they arrived, so they wait again.
WITH freed AS (
    UPDATE outbox SET state = 'waiting', due_at = $1 WHERE state = 'sending' RETURNING id, attempts
),

noted AS (
    UPDATE delivery_attempts AS a SET result = 'unknown', reason = 'interrupted', ended_at = $1
    FROM freed
    WHERE a.outbox_id = freed.id AND a.attempt = freed.attempts AND a.result = 'begun'
)

SELECT count(*) FROM freed

-- name: take_due
-- Take the first message of each lane, if it is due at $1 and none of its lane is being sent; at most $2.
-- The attempt is noted before it is made.
WITH heads AS (
    SELECT DISTINCT ON (recipient, channel) id, state, due_at
    FROM outbox
    WHERE state IN ('waiting', 'sending')
    ORDER BY recipient, channel, id
),

taken AS (
    UPDATE outbox SET state = 'sending', attempts = attempts + 1
    WHERE state = 'waiting'
        AND id IN (SELECT id FROM heads WHERE state = 'waiting' AND due_at <= $1 ORDER BY id LIMIT $2)
    RETURNING *
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

-- name: sent
-- Message $1 arrived at $2.
UPDATE outbox SET state = 'sent', done_at = $2, reason = '' WHERE id = $1

-- name: not_sent
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

-- name: attempt_end
-- How attempt $2 of message $1, begun at $3, ended at $4.
UPDATE delivery_attempts SET result = $5, reason = $6, ended_at = $4
WHERE outbox_id = $1 AND attempt = $2 AND at = $3

-- name: waiting
-- How many messages wait, by channel.
SELECT channel, count(*) AS messages FROM outbox WHERE state IN ('waiting', 'sending') GROUP BY channel

-- name: outbox_prune
-- Messages that were done with before $1 go.
DELETE FROM outbox WHERE done_at < $1

-- name: attempts_drop
-- Chunks of attempts that end before $1.
SELECT drop_chunks(format('%I.delivery_attempts', current_schema())::regclass, older_than => $1::timestamptz)
