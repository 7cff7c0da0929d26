-- The version of TimescaleDB in this database; no row: it is not there.
SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'
