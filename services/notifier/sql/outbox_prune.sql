DELETE FROM outbox WHERE done_at < $1
