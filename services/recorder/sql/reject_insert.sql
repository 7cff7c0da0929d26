INSERT INTO rejects (
    rejected_at, source, station_id, reason, detail, topic, partition, "offset", headers, original,
    original_bytes, ce_id
)
VALUES (ms_time($1), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (ce_id) DO NOTHING
