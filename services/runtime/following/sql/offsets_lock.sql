-- How far the partitions $1, $2 are taken; their rows stay locked until the transaction ends.
SELECT {topic} AS topic, partition, next_offset
FROM {table}
WHERE ({topic}, partition) IN (SELECT * FROM unnest($1::text[], $2::integer[]))
FOR UPDATE
