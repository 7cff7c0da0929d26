-- How far the city is judged, by what was said last of each partition of the log; the slowest one tells.
SELECT
    count(*) AS partitions,
    min(until) AS until,
    coalesce(sum(waiting), 0)::bigint AS waiting,
    coalesce(max(behind_ms), 0) / 1000.0::double precision AS behind_s,
    min(said_at) AS said_at
FROM judged
