INSERT INTO station_states (at, station_id, system, town_code, state, silent_points, points, sources, ce_id)
VALUES (ms_time($1), $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (station_id, at, ce_id) DO NOTHING
