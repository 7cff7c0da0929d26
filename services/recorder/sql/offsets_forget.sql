DELETE FROM consumer_offsets WHERE topic = $1 RETURNING partition
