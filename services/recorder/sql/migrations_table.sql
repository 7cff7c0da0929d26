-- What was applied, and when by the machine's clock: a fact about the installation, not about the city.
CREATE TABLE IF NOT EXISTS migrations (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL
)
