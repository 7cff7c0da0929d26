-- The plan that was activated last, in whatever partition.
SELECT plan_id FROM plan_activations ORDER BY at DESC, partition LIMIT 1
