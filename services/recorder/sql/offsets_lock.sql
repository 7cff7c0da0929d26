-- How far the partitions $1, $2 are stored; their rows stay locked until the transaction ends.
SELECT o.topic, o.partition, o.next_offset
FROM consumer_offsets AS o
INNER JOIN unnest($1::text[], $2::integer[]) AS wanted (topic, partition)
    ON wanted.topic = o.topic AND wanted.partition = o.partition
FOR UPDATE OF o
