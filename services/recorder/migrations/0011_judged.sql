-- How far the city is judged: what the monitor's workers said last of each partition of events.

CREATE TABLE judged (
    partition integer PRIMARY KEY,
    until timestamptz,
    waiting bigint NOT NULL,
    behind_ms bigint NOT NULL,
    said_at timestamptz NOT NULL
);
COMMENT ON TABLE judged IS
'What was said last of each partition of events. until: the city''s time up to which it is judged (null: nothing there has a time yet); waiting: records that were not judged yet; behind_ms: how far it was behind; said_at: when the broker took that, by its clock. A partition of which nothing was said for 15 s has no worker.';
