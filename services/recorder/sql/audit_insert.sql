INSERT INTO audit (at, actor, action, target, result, reason, command_id, ce_id)
VALUES (ms_time($1), $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (ce_id) DO NOTHING
