-- name: has_tables
-- Whether the recorder has made the tables that the feed begins with.
SELECT to_regclass('alerts_now') IS NOT NULL AND to_regclass('judged') IS NOT NULL

-- name: alerts_open
-- The open alerts, each with the event of its snapshot.
SELECT alert_id, snapshot::text AS snapshot, epoch, src_partition, src_offset FROM alerts_now WHERE closed_at IS NULL

-- name: alerts_closed_lately
-- Of the $1 alerts that were raised last those that are closed.
SELECT alert_id, seq
FROM (SELECT alert_id, seq, closed_at, raised_at FROM alerts_now ORDER BY raised_at DESC LIMIT $1) AS lately
WHERE closed_at IS NOT NULL
ORDER BY raised_at DESC
