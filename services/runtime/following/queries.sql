-- name: only_one
-- True: this connection holds the lock that $1 names, as long as it lives.
SELECT pg_try_advisory_lock(hashtextextended($1, 0))

-- name: offsets_of
-- How far everything is taken.
SELECT {topic} AS topic, partition, epoch, next_offset, last_ce_id FROM {table}

-- name: offsets_lock
-- How far the partitions $1, $2 are taken; their rows stay locked until the transaction ends.
SELECT {topic} AS topic, partition, next_offset
FROM {table}
WHERE ({topic}, partition) IN (SELECT * FROM unnest($1::text[], $2::integer[]))
FOR UPDATE

-- name: offsets_upsert
-- How far partitions are taken now.
INSERT INTO {table} ({key}, epoch, next_offset, last_ce_id)
SELECT {key}, epoch, next_offset, last_ce_id
FROM unnest($1::text[], $2::integer[], $3::text[], $4::bigint[], $5::text[])
    AS a (topic, partition, epoch, next_offset, last_ce_id)
ON CONFLICT ({key}) DO UPDATE SET
    epoch = EXCLUDED.epoch, next_offset = EXCLUDED.next_offset, last_ce_id = EXCLUDED.last_ce_id

-- name: offsets_pass_over
-- Partitions $1, $2 have no record before offset $3 that is not taken.
INSERT INTO {table} AS t ({key}, epoch, next_offset, last_ce_id)
SELECT {key}, '', next_offset, ''
FROM unnest($1::text[], $2::integer[], $3::bigint[]) AS a (topic, partition, next_offset)
ON CONFLICT ({key}) DO UPDATE SET next_offset = greatest(t.next_offset, EXCLUDED.next_offset)

-- name: offsets_forget
-- It is not known any more how far topic $1 is taken.
DELETE FROM {table} WHERE {topic} = $1 RETURNING partition
