-- Systems as a plan names them that judges now.
SELECT document -> 'systems' AS systems
FROM plans
WHERE plan_id IN (SELECT plan_id FROM plan_activations)
ORDER BY plan_id
LIMIT 1
