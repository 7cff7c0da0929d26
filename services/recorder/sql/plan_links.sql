-- The links are those of plan $1, if it is stored: others go.
WITH wanted AS (
    SELECT DISTINCT l.kind, l.origin, l.target, l.valve
    FROM plans AS p,
        jsonb_to_recordset(p.document -> 'links') AS l (kind text, origin text, target text, valve text)
    WHERE p.plan_id = $1
),
gone AS (
    DELETE FROM links AS l
    WHERE EXISTS (SELECT FROM plans AS p WHERE p.plan_id = $1)
        AND NOT EXISTS (
            SELECT FROM wanted AS w
            WHERE w.kind = l.kind AND w.origin = l.origin AND w.target = l.target
                AND w.valve IS NOT DISTINCT FROM l.valve
        )
)
INSERT INTO links (kind, origin, target, valve)
SELECT kind, origin, target, valve FROM wanted
ON CONFLICT DO NOTHING
