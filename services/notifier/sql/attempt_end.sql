-- How attempt $2 of message $1, begun at $3, ended at $4.
UPDATE delivery_attempts SET result = $5, reason = $6, ended_at = $4
WHERE outbox_id = $1 AND attempt = $2 AND at = $3
