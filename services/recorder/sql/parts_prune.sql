-- Forget the parts of events before the oldest one within $1 of its partition's newest minute.
WITH kept AS (
    SELECT p.epoch, p.partition, min(p."offset") - 1 AS floor_offset
    FROM aggregate_parts AS p
    INNER JOIN (
        SELECT epoch, partition, max(bucket) AS newest FROM aggregate_parts GROUP BY epoch, partition
    ) AS n ON n.epoch = p.epoch AND n.partition = p.partition
    WHERE p.bucket >= n.newest - $1::interval
    GROUP BY p.epoch, p.partition
),
floors AS (
    INSERT INTO aggregate_floors AS f (epoch, partition, floor_offset)
    SELECT epoch, partition, floor_offset FROM kept
    ON CONFLICT (epoch, partition) DO UPDATE SET floor_offset = EXCLUDED.floor_offset
    WHERE f.floor_offset < EXCLUDED.floor_offset
)
DELETE FROM aggregate_parts AS p
USING kept
WHERE p.epoch = kept.epoch AND p.partition = kept.partition AND p."offset" <= kept.floor_offset
