-- An inspection, as it was taken first: what comes again changes nothing.
INSERT INTO inspections (
    inspection_id, station_id, system, town_code, kind, point, at, taken_at, inspector, grade, defect,
    note, nature, ce_id
)
VALUES ($1, $2, $3, $4, $5, $6, ms_time($7), ms_time($8), $9, $10, $11, $12, $13, $14)
ON CONFLICT (inspection_id) DO NOTHING
