SELECT name, sha256 FROM migrations ORDER BY name
