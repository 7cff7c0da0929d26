-- Names of the systems, as the plans call them that judge now, in the order of the city's file.
SELECT named.value ->> 'system' AS system, named.value -> 'name' AS name
FROM plans, jsonb_array_elements(plans.document -> 'systems') WITH ORDINALITY AS named (value, place)
WHERE plans.plan_id IN (SELECT plan_id FROM plan_activations)
ORDER BY named.place
