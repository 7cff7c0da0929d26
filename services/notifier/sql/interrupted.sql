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
