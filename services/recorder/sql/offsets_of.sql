SELECT topic, partition, epoch, next_offset, last_ce_id FROM consumer_offsets
