INSERT INTO delivery_channels AS known (channel, name) VALUES ($1, $2)
ON CONFLICT (channel) DO UPDATE SET name = EXCLUDED.name WHERE known.name IS DISTINCT FROM EXCLUDED.name
