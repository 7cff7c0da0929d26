-- Rejects, the newest first, at most $3: of reason $1 and source $2, where these are not null.
SELECT
    id, rejected_at, source, station_id, reason, detail, topic, partition, "offset", original_bytes,
    count(*) OVER () AS found
FROM rejects
WHERE ($1::text IS NULL OR reason = $1) AND ($2::text IS NULL OR source = $2)
ORDER BY rejected_at DESC, id DESC
LIMIT $3
