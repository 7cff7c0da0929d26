-- Processes that migrate a namespace at once take turns, until their transactions end. $1 names the lock.
SELECT pg_advisory_xact_lock(hashtextextended($1, 0))
