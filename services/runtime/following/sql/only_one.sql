-- True: this connection holds the lock that $1 names, as long as it lives.
SELECT pg_try_advisory_lock(hashtextextended($1, 0))
