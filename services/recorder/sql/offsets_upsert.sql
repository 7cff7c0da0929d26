INSERT INTO consumer_offsets (topic, partition, epoch, next_offset, last_ce_id, city_at)
SELECT topic, partition, epoch, next_offset, last_ce_id, ms_time(city_ms)
FROM unnest($1::text[], $2::integer[], $3::text[], $4::bigint[], $5::text[], $6::bigint[])
    AS a (topic, partition, epoch, next_offset, last_ce_id, city_ms)
ON CONFLICT (topic, partition) DO UPDATE SET
    epoch = EXCLUDED.epoch, next_offset = EXCLUDED.next_offset, last_ce_id = EXCLUDED.last_ce_id,
    city_at = greatest(consumer_offsets.city_at, EXCLUDED.city_at)
