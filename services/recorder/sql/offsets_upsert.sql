INSERT INTO consumer_offsets (topic, partition, epoch, next_offset, last_ce_id)
SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::bigint[], $5::text[])
ON CONFLICT (topic, partition) DO UPDATE SET
    epoch = EXCLUDED.epoch, next_offset = EXCLUDED.next_offset, last_ce_id = EXCLUDED.last_ce_id
