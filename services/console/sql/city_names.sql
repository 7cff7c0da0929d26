-- Systems and towns as the plans name them that judge now.
SELECT document -> 'systems' AS systems, document -> 'towns' AS towns
FROM plans
WHERE plan_id IN (SELECT plan_id FROM plan_activations)
ORDER BY plan_id
LIMIT 1
