-- The newest snapshot of each alert in the batch; only a larger seq replaces what stands.
INSERT INTO alerts (snapshot, epoch, src_partition, src_offset)
SELECT i.snapshot::jsonb, i.epoch, i.src_partition, i.src_offset
FROM incoming_alerts AS i
ORDER BY i.snapshot::jsonb ->> 'alert_id'
ON CONFLICT (alert_id) DO UPDATE SET
    snapshot = EXCLUDED.snapshot, epoch = EXCLUDED.epoch, src_partition = EXCLUDED.src_partition,
    src_offset = EXCLUDED.src_offset, orphaned_at = NULL
WHERE alerts.seq < EXCLUDED.seq
