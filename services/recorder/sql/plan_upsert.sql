-- The plan $1 with its serialisation $2. It is active where a partition is judged by it.
INSERT INTO plans (plan_id, format, district_code, active, stations, points, document)
SELECT
    $1, (d.document ->> 'format')::integer, d.document ->> 'district_code',
    EXISTS (SELECT FROM plan_activations WHERE plan_id = $1),
    jsonb_array_length(d.document -> 'stations'),
    (SELECT coalesce(sum(jsonb_array_length(s -> 'points')), 0)
        FROM jsonb_array_elements(d.document -> 'stations') AS s),
    d.document
FROM (SELECT $2::text::jsonb AS document) AS d
ON CONFLICT (plan_id) DO NOTHING
