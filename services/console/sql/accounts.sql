SELECT person, role, language, changed_at FROM accounts ORDER BY person
