-- What grows has a bound (docs/bounds.md): what pruning looks for, and what it goes by.

CREATE INDEX alerts_closed ON alerts (closed_at) WHERE closed_at IS NOT NULL;

ALTER TABLE audit ADD COLUMN times integer NOT NULL DEFAULT 1;
COMMENT ON COLUMN audit.times IS
'How often it was: refusals of one name at one address within a minute are one row.';

ALTER TABLE plans ADD COLUMN stored_nr bigint GENERATED ALWAYS AS IDENTITY;
COMMENT ON COLUMN plans.stored_nr IS 'The order in which plans were stored.';
ALTER TABLE plan_parts ADD COLUMN stored_nr bigint GENERATED ALWAYS AS IDENTITY;
