-- Who may sign in to the console. password_hash: argon2id with its parameters.

CREATE TABLE accounts (
    person text PRIMARY KEY,
    role text NOT NULL CHECK (role IN ('viewer', 'operator', 'crew', 'supervisor', 'admin')),
    language text NOT NULL CHECK (language IN ('zh', 'en')),
    password_hash text NOT NULL,
    changed_at timestamptz NOT NULL
);
COMMENT ON TABLE accounts IS 'Who may sign in to the console. changed_at: when the password was set, by the world''s clock.';
