-- How far the partitions $1, $2 are taken; their rows stay locked until the transaction ends.
SELECT {topic} AS topic, o.partition, o.next_offset
FROM {table} AS o
INNER JOIN unnest($1::text[], $2::integer[]) AS wanted (topic, partition)
    ON wanted.topic = {topic} AND wanted.partition = o.partition
FOR UPDATE OF o
