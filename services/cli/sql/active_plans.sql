-- What the partitions of events are judged by: each plan with its partitions; figures null until stored.
SELECT activated.plan_id,
       array_agg(activated.partition ORDER BY activated.partition) AS partitions,
       plans.stations,
       plans.points,
       jsonb_array_length(plans.document -> 'rules') AS rules
FROM plan_activations AS activated
LEFT JOIN plans USING (plan_id)
GROUP BY activated.plan_id, plans.plan_id
ORDER BY count(*) DESC, activated.plan_id
