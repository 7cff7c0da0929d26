-- Alerts, at most $6: closed ones too if $1; severities $2 (all if null); system $3 by id or name; town $4
-- by code, beginning of it, or name. $5: newest first instead of the most urgent.
SELECT
    alert_id, raised_at, severity, state, life_safety, held, headline, closed_at,
    count(*) OVER () AS found
FROM alerts_now
WHERE ($1 OR closed_at IS NULL)
    AND ($2::text[] IS NULL OR severity = ANY ($2))
    AND ($3::text IS NULL OR system = lower($3) OR system IN (
        SELECT named.system
        FROM plans, jsonb_to_recordset(plans.document -> 'systems') AS named (system text, name jsonb)
        WHERE named.name ->> 'zh' = $3 OR lower(named.name ->> 'en') = lower($3)
    ))
    AND ($4::text IS NULL OR starts_with(town_code, $4) OR town_code IN (
        SELECT town.code
        FROM plans, jsonb_each(plans.document -> 'towns') AS town (code, name)
        WHERE town.name ->> 'zh' = $4 OR lower(town.name ->> 'en') = lower($4)
    ))
ORDER BY
    CASE WHEN $5 THEN 0 ELSE array_position(ARRAY['critical', 'major', 'warn', 'notice'], severity) END,
    raised_at DESC, alert_id
LIMIT $6
