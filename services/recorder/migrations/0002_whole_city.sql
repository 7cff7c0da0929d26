-- What the whole city brings: inspections, who sends a station's frames, where stations stand and whom
-- they serve, points that report states, and what feeds what. Rows of before keep their meaning: a default
-- says "not told".

CREATE TABLE inspections (
    inspection_id text PRIMARY KEY,
    station_id text NOT NULL,
    system text NOT NULL,
    town_code text NOT NULL,
    kind text NOT NULL,
    point text,
    at timestamptz NOT NULL,
    taken_at timestamptz NOT NULL,
    inspector text NOT NULL,
    grade text,
    defect text,
    note text NOT NULL,
    nature text NOT NULL,
    ce_id text NOT NULL
);
CREATE INDEX inspections_at ON inspections (at DESC);
CREATE INDEX inspections_station ON inspections (station_id, at DESC);
COMMENT ON TABLE inspections IS
'Findings of people and cameras. at: when it was made; taken_at: when its record arrived; grade: class I to IV, or null.';

ALTER TABLE station_states ADD COLUMN sources text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN station_states.state IS
'reporting: no point is silent; partial: some are; silent: nothing is heard any more; unheard: nothing ever was.';
COMMENT ON COLUMN station_states.sources IS 'What has sent its frames lately; empty: not told.';

ALTER TABLE stations
ADD COLUMN address jsonb,
ADD COLUMN landmark jsonb,
ADD COLUMN duty_phone text,
ADD COLUMN access_note jsonb,
ADD COLUMN protection_zone boolean NOT NULL DEFAULT false,
ADD COLUMN traits text[] NOT NULL DEFAULT '{}',
ADD COLUMN road text,
ADD COLUMN serves_people integer,
ADD COLUMN serves_m2 double precision;
COMMENT ON COLUMN stations.serves_m2 IS 'Heated area.';

ALTER TABLE points
ADD COLUMN states jsonb NOT NULL DEFAULT '{}',
ADD COLUMN computed boolean NOT NULL DEFAULT false,
ADD COLUMN calibration_due timestamptz;
COMMENT ON COLUMN points.states IS 'Words for the values of a point that reports states, by value.';
COMMENT ON COLUMN points.computed IS 'Computed from other points of the station: no device reports it.';

CREATE TABLE valves (
    valve_id text PRIMARY KEY,
    kind text NOT NULL,
    system text NOT NULL,
    town_code text NOT NULL,
    name jsonb NOT NULL,
    lat double precision NOT NULL,
    lon double precision NOT NULL,
    plan_id text NOT NULL
);
COMMENT ON TABLE valves IS 'Valves and switches without instruments. plan_id: the last plan that named it, as of stations.';

CREATE TABLE key_users (
    user_id text PRIMARY KEY,
    kind text NOT NULL,
    town_code text NOT NULL,
    name jsonb NOT NULL,
    lat double precision NOT NULL,
    lon double precision NOT NULL,
    plan_id text NOT NULL
);
COMMENT ON TABLE key_users IS 'Whoever must not be without. plan_id: the last plan that named it, as of stations.';

CREATE TABLE links (
    kind text NOT NULL,
    origin text NOT NULL,
    target text NOT NULL,
    valve text,
    UNIQUE NULLS NOT DISTINCT (kind, origin, target, valve)
);
CREATE INDEX links_target ON links (target);
COMMENT ON TABLE links IS
'What feeds or lies beside what, of the current plan and no other; valve: what can part them.';
