-- What to do by each rule of plan $1; nothing while the plan is not stored.
SELECT rule.rule_id, rule.guidance
FROM plans
CROSS JOIN LATERAL jsonb_to_recordset(plans.document -> 'rules') AS rule (rule_id text, guidance jsonb)
WHERE plans.plan_id = $1
