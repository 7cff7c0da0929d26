-- What time it was in the city ($3, epoch ms) at the last records taken of partitions $1, $2.
UPDATE consumer_offsets AS o SET city_at = greatest(o.city_at, ms_time(a.city_ms))
FROM unnest($1::text[], $2::integer[], $3::bigint[]) AS a (topic, partition, city_ms)
WHERE o.topic = a.topic AND o.partition = a.partition
