INSERT INTO migrations (name, sha256, applied_at) VALUES ($1, $2, $3)
