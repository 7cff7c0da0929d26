-- Drop the chunks of hypertable $1 that end $2 days or more before the newest chunk of aggregates_1m begins.
SELECT d.chunk
FROM (
    SELECT max(range_start) - make_interval(days => $2) AS before
    FROM timescaledb_information.chunks
    WHERE hypertable_schema = current_schema() AND hypertable_name = 'aggregates_1m'
) AS newest,
    drop_chunks(format('%I.%I', current_schema(), $1::text)::regclass, older_than => newest.before) AS d (chunk)
WHERE newest.before IS NOT NULL
