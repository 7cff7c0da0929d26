SELECT person, role, language, password_hash FROM accounts WHERE person = $1
