-- From $3 (epoch ms) on partition $1 is judged by plan $2. A repeat of an older activation changes nothing.
INSERT INTO plan_activations AS p (partition, plan_id, at, actor)
VALUES ($1, $2, ms_time($3), $4)
ON CONFLICT (partition) DO UPDATE SET plan_id = EXCLUDED.plan_id, at = EXCLUDED.at, actor = EXCLUDED.actor
WHERE p.at <= EXCLUDED.at
