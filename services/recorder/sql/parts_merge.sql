-- Adds parts to their minutes. At most one part of a (station, point, minute) may stand in incoming_parts.
INSERT INTO aggregates_1m AS a (
    bucket, station_id, point, system, town_code, n, n_good, sum, min, max, mean, last, last_at,
    revision
)
SELECT
    ms_time(i.bucket), i.station_id, i.point, i.system, i.town_code, i.n, i.n_good, i.sum, i.min,
    i.max, i.sum / nullif(i.n_good, 0), i.last, ms_time(i.last_at), 1
FROM incoming_parts AS i
ON CONFLICT (station_id, point, bucket) DO UPDATE SET
    n = a.n + EXCLUDED.n,
    n_good = a.n_good + EXCLUDED.n_good,
    sum = a.sum + EXCLUDED.sum,
    min = least(a.min, EXCLUDED.min),
    max = greatest(a.max, EXCLUDED.max),
    mean = (a.sum + EXCLUDED.sum) / nullif(a.n_good + EXCLUDED.n_good, 0),
    last = CASE WHEN EXCLUDED.last_at >= coalesce(a.last_at, '-infinity') THEN EXCLUDED.last ELSE a.last END,
    last_at = greatest(a.last_at, EXCLUDED.last_at),
    revision = a.revision + 1
