-- The account $1 of role $2, language $3, with the password hashed to $4.
INSERT INTO accounts (person, role, language, password_hash, changed_at)
VALUES ($1, $2, $3, $4, clock_timestamp())
ON CONFLICT (person) DO UPDATE SET
    role = EXCLUDED.role, language = EXCLUDED.language,
    password_hash = EXCLUDED.password_hash, changed_at = EXCLUDED.changed_at
