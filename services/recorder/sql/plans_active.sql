UPDATE plans AS p SET active = a.active
FROM (
    SELECT plan_id, EXISTS (SELECT FROM plan_activations AS x WHERE x.plan_id = plans.plan_id) AS active
    FROM plans
) AS a
WHERE a.plan_id = p.plan_id AND a.active <> p.active
