-- Remember the parts of minutes $2 of stations $1, closed by events $3, $4, $5, as far as they
-- are new; those. Parts at or below the floor are repeats.
INSERT INTO aggregate_parts (station_id, bucket, epoch, partition, "offset")
SELECT i.station_id, i.bucket, i.epoch, i.partition, i."offset"
FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::integer[], $5::bigint[])
    AS i (station_id, bucket, epoch, partition, "offset")
LEFT JOIN aggregate_floors AS f ON f.epoch = i.epoch AND f.partition = i.partition
WHERE f.floor_offset IS NULL OR i."offset" > f.floor_offset
ON CONFLICT DO NOTHING
RETURNING station_id, bucket, epoch, partition, "offset"
