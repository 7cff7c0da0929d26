INSERT INTO notifier_offsets (partition, epoch, next_offset, last_ce_id)
SELECT * FROM unnest($1::integer[], $2::text[], $3::bigint[], $4::text[])
ON CONFLICT (partition) DO UPDATE SET
    epoch = EXCLUDED.epoch, next_offset = EXCLUDED.next_offset, last_ce_id = EXCLUDED.last_ce_id
