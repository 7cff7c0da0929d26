INSERT INTO {table} ({key}, epoch, next_offset, last_ce_id)
SELECT {key}, epoch, next_offset, last_ce_id
FROM unnest($1::text[], $2::integer[], $3::text[], $4::bigint[], $5::text[])
    AS a (topic, partition, epoch, next_offset, last_ce_id)
ON CONFLICT ({key}) DO UPDATE SET
    epoch = EXCLUDED.epoch, next_offset = EXCLUDED.next_offset, last_ce_id = EXCLUDED.last_ce_id
