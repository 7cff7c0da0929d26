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
-- What the outbox holds of the alerts $1: the largest seq, and the lanes (recipient, channel) that calls of
-- them were queued for.
SELECT
    alert_id, max(seq) AS last_seq,
    coalesce(
        jsonb_agg(DISTINCT jsonb_build_array(recipient, channel))
            FILTER (WHERE kind IN ('raised', 'escalated')),
        '[]'
    ) AS lanes
FROM outbox
WHERE alert_id = ANY ($1::text[])
GROUP BY alert_id

-- name: told_of_partition
-- Alerts of partition $1 of events that somebody was told of, or will be, and of no end. In rows of the
-- first releases the event is not known: then it is that of the stored alert. An acknowledgement is no word on
-- whether the condition holds: behind an end it closes the alert, which no census lists any more.
SELECT
    newest.alert_id, coalesce(newest.epoch, a.epoch, '') AS epoch,
    coalesce(newest.src_offset, a.src_offset, 0) AS src_offset
FROM (
    SELECT DISTINCT ON (alert_id) alert_id, kind, epoch, src_partition, src_offset
    FROM outbox
    WHERE (src_partition = $1 OR src_partition IS NULL) AND kind <> 'acknowledged'
    ORDER BY alert_id, id DESC
) AS newest
LEFT JOIN alerts AS a ON a.alert_id = newest.alert_id
WHERE newest.kind NOT IN ('cleared', 'ended', 'orphaned')
    AND coalesce(newest.src_partition, a.src_partition) = $1

-- name: newest_by_lane
-- The newest message of each of the alerts $1 in each lane: what a message that they are orphans says of them.
SELECT DISTINCT ON (alert_id, recipient, channel)
    alert_id, seq, recipient, channel, severity, nature, language, headline, station_id
FROM outbox
WHERE alert_id = ANY ($1::text[])
ORDER BY alert_id, recipient, channel, id DESC

-- name: standing_alerts
-- Stored alerts that are open and of which nobody has been told since, or that somebody was told of, with
-- transitions that were not decided on.
SELECT a.snapshot::text AS snapshot, a.epoch, a.src_partition, a.src_offset
FROM alerts AS a
LEFT JOIN LATERAL (SELECT max(o.seq) AS seq FROM outbox AS o WHERE o.alert_id = a.alert_id) AS told ON true
WHERE a.seq > coalesce(told.seq, 0) AND (a.closed_at IS NULL OR told.seq IS NOT NULL)
ORDER BY a.raised_at, a.alert_id

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
    heard_at, queued_at, due_at, station_id, gathered, missed, epoch, src_partition, src_offset
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15, $16, $17, $18, $19, $20)
ON CONFLICT (alert_id, seq, recipient, channel, kind) DO NOTHING

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

-- name: heads
-- The first waiting message of each lane that is idle, and what is decided on it by at $3: whether an earlier
-- message of its alert may have arrived, and which later ones wait; at most $4. Lanes $1, $2 are busy or at
-- rest. Late data that wait for others of their station hold up nothing but their own alerts.
WITH heads AS (
    SELECT DISTINCT ON (o.recipient, o.channel)
        o.id, o.alert_id, o.recipient, o.channel, o.kind, o.queued_at, o.missed
    FROM outbox AS o
    WHERE o.state = 'waiting'
        AND (o.recipient, o.channel) NOT IN (
            SELECT b.recipient, b.channel FROM outbox AS b WHERE b.state = 'sending'
        )
        AND (o.recipient, o.channel) NOT IN (SELECT * FROM unnest($1::text[], $2::text[]))
        AND NOT EXISTS (
            SELECT FROM outbox AS g
            WHERE g.gathered AND g.state = 'waiting'
                AND g.recipient = o.recipient AND g.channel = o.channel AND g.alert_id = o.alert_id
        )
    ORDER BY o.recipient, o.channel, o.id
)

SELECT
    h.id, h.recipient, h.channel, h.kind, h.missed,
    extract(epoch FROM $3::timestamptz - h.queued_at)::double precision AS waited_s,
    coalesce(others.told, false) AS told, coalesce(others.behind, '{}') AS behind
FROM heads AS h
CROSS JOIN LATERAL (
    SELECT
        bool_or(x.state = 'sent' OR EXISTS (
            SELECT FROM delivery_attempts AS a
            WHERE a.outbox_id = x.id AND a.result IN ('delivered', 'unknown')
        )) AS told,
        array_agg(DISTINCT x.kind) FILTER (WHERE x.state = 'waiting' AND x.id > h.id) AS behind
    FROM outbox AS x
    WHERE x.alert_id = h.alert_id AND x.recipient = h.recipient AND x.channel = h.channel
) AS others
ORDER BY h.id
LIMIT $4

-- name: late_waiting
-- Waiting messages of alerts of which a gathered call waits, in lanes that are neither busy nor $1, $2.
SELECT
    o.id, o.alert_id, o.recipient, o.channel, o.station_id, o.nature, o.kind, o.severity, o.headline,
    o.language, o.at
FROM outbox AS o
WHERE o.state = 'waiting'
    AND (o.recipient, o.channel) NOT IN (
        SELECT b.recipient, b.channel FROM outbox AS b WHERE b.state = 'sending'
    )
    AND (o.recipient, o.channel) NOT IN (SELECT * FROM unnest($1::text[], $2::text[]))
    AND EXISTS (
        SELECT FROM outbox AS g
        WHERE g.gathered AND g.state = 'waiting'
            AND g.recipient = o.recipient AND g.channel = o.channel AND g.alert_id = o.alert_id
    )
ORDER BY o.id

-- name: drop
-- The messages $1 are not sent at all, because of $2; said at $3.
UPDATE outbox AS o SET state = 'dropped', done_at = $3, reason = d.reason
FROM unnest($1::bigint[], $2::text[]) AS d (id, reason)
WHERE o.id = d.id AND o.state = 'waiting'

-- name: begin_attempts
-- The messages $1 are sent at $4, in the texts $2, $3 where these are not null. The attempt is noted before
-- it is made.
WITH taken AS (
    UPDATE outbox AS o SET
        state = 'sending', attempts = o.attempts + 1,
        subject = coalesce(t.subject, o.subject), body = coalesce(t.body, o.body)
    FROM unnest($1::bigint[], $2::text[], $3::text[]) AS t (id, subject, body)
    WHERE o.id = t.id AND o.state = 'waiting'
    RETURNING o.*
),

noted AS (
    INSERT INTO delivery_attempts (at, outbox_id, attempt, alert_id, seq, recipient, channel, result)
    SELECT $4, id, attempts, alert_id, seq, recipient, channel, 'begun' FROM taken
)

SELECT
    id, alert_id, seq, recipient, channel, kind, severity, nature, language, subject, body, headline, at,
    heard_at, attempts
FROM taken
ORDER BY id

-- name: sent
-- The messages $1 arrived by their attempts $2, at $3. Whoever notes that of an earlier attempt changes nothing.
UPDATE outbox AS o SET state = 'sent', done_at = $3, reason = ''
FROM unnest($1::bigint[], $2::integer[]) AS m (id, attempt)
WHERE o.id = m.id AND o.attempts = m.attempt AND o.state = 'sending'
RETURNING o.id

-- name: not_sent
-- The messages $1 did not arrive by their attempts $2 ($3), noted at $4: they wait again, until about $5, or
-- are given up if $6. Whoever notes that of an earlier attempt changes nothing.
UPDATE outbox AS o SET
    state = CASE WHEN $6 THEN 'failed' ELSE 'waiting' END,
    done_at = CASE WHEN $6 THEN $4::timestamptz END,
    reason = $3, due_at = $5
FROM unnest($1::bigint[], $2::integer[]) AS m (id, attempt)
WHERE o.id = m.id AND o.attempts = m.attempt AND o.state = 'sending'
RETURNING o.id

-- name: attempt_end
-- How the attempts $2 of the messages $1, begun at $3, ended at $4.
UPDATE delivery_attempts AS a SET result = $5, reason = $6, ended_at = $4
FROM unnest($1::bigint[], $2::integer[]) AS m (id, attempt)
WHERE a.outbox_id = m.id AND a.attempt = m.attempt AND a.at = $3

-- name: waiting
-- How many messages wait, by channel, and since when the oldest does.
SELECT channel, count(*) AS messages, min(queued_at) AS since
FROM outbox
WHERE state IN ('waiting', 'sending')
GROUP BY channel

-- name: outbox_newest
-- When messages were done with lately, $1 at the latest: the newest hundredth does not count.
SELECT least($1, percentile_disc(0.99) WITHIN GROUP (ORDER BY done_at))
FROM outbox
WHERE done_at IS NOT NULL
HAVING count(*) > 0

-- name: outbox_prune
-- At most $2 messages that were done with before $1 go; of an alert that is open they stay: they say who was told.
DELETE FROM outbox
WHERE id IN (
    SELECT o.id
    FROM outbox AS o
    WHERE o.done_at < $1
        AND NOT EXISTS (SELECT FROM alerts AS a WHERE a.alert_id = o.alert_id AND a.closed_at IS NULL)
    LIMIT $2
)

-- name: attempts_drop
-- The oldest chunk of attempts, if it ends before $1.
SELECT drop_chunks(format('%I.delivery_attempts', current_schema())::regclass, older_than => oldest.range_end)
FROM (
    SELECT min(range_end) AS range_end
    FROM timescaledb_information.chunks
    WHERE hypertable_schema = current_schema() AND hypertable_name = 'delivery_attempts'
) AS oldest
WHERE oldest.range_end < $1::timestamptz
