-- Names of the towns, as the plans call them that judge now.
SELECT town.code, town.name
FROM plans, jsonb_each(plans.document -> 'towns') AS town (code, name)
WHERE plans.plan_id IN (SELECT plan_id FROM plan_activations)
ORDER BY town.code
