-- True: this connection is the one notifier of the namespace, as long as it lives. $1 names the lock.
SELECT pg_try_advisory_lock(hashtextextended($1, 0))
