SELECT partition, epoch, next_offset, last_ce_id FROM notifier_offsets
