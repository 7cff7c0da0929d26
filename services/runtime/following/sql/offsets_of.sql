SELECT {topic} AS topic, partition, epoch, next_offset, last_ce_id FROM {table}
