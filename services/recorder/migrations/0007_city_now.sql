-- What pages and boards ask of "now": the city's time as far as it is stored, and names by the active plan.

ALTER TABLE consumer_offsets ADD COLUMN city_at timestamptz;
COMMENT ON COLUMN consumer_offsets.city_at IS
'The latest time in the city (ce_time) that a stored record carried; null: none did yet.';

CREATE VIEW city_clock AS
SELECT max(city_at) AS at, date_trunc('day', max(city_at), 'Asia/Shanghai') AS day_began_at
FROM consumer_offsets;
COMMENT ON VIEW city_clock IS
'One row. at: the city''s time as far as it is stored, in quiet times up to a minute behind; day_began_at: its last midnight.';

CREATE VIEW systems_now AS
SELECT DISTINCT ON (named.value ->> 'system')
    named.value ->> 'system' AS system, named.value -> 'name' AS name, named.place
FROM plans, jsonb_array_elements(plans.document -> 'systems') WITH ORDINALITY AS named (value, place)
WHERE plans.plan_id IN (SELECT plan_id FROM plan_activations)
ORDER BY named.value ->> 'system', plans.plan_id;
COMMENT ON VIEW systems_now IS 'Systems as the active plan names them; place: their order in the city''s file.';

CREATE VIEW towns_now AS
SELECT DISTINCT ON (town.code) town.code AS town_code, town.name
FROM plans, jsonb_each(plans.document -> 'towns') AS town (code, name)
WHERE plans.plan_id IN (SELECT plan_id FROM plan_activations)
ORDER BY town.code, plans.plan_id;
COMMENT ON VIEW towns_now IS 'Towns as the active plan names them.';
