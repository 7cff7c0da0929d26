-- At $1 (epoch ms, the city's time) $2 did $3 to $4 with result $5, because of $6; $7 is unique.
INSERT INTO audit (at, actor, action, target, result, reason, ce_id)
VALUES (ms_time($1), $2, $3, $4, $5, $6, $7)
