UPDATE outbox SET state = 'sent', done_at = $2, reason = '' WHERE id = $1
