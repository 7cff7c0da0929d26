-- Minutes of the point $2 of the station $1 in [$3, $4), epoch ms.
SELECT (extract(epoch FROM bucket) * 1000)::bigint AS bucket, mean, min, max
FROM aggregates_1m
WHERE station_id = $1 AND point = $2 AND bucket >= ms_time($3) AND bucket < ms_time($4)
ORDER BY bucket
