-- name: account_upsert
-- The account $1 of role $2, language $3, with the password hashed to $4.
INSERT INTO accounts (person, role, language, password_hash, changed_at)
VALUES ($1, $2, $3, $4, clock_timestamp())
ON CONFLICT (person) DO UPDATE SET
    role = EXCLUDED.role, language = EXCLUDED.language,
    password_hash = EXCLUDED.password_hash, changed_at = EXCLUDED.changed_at

-- name: account_of
-- The account of the person $1, with the hash of the password.
SELECT person, role, language, password_hash FROM accounts WHERE person = $1

-- name: accounts
-- All accounts, without their hashes.
SELECT person, role, language, changed_at FROM accounts ORDER BY person

-- name: account_delete
-- The person $1 has no account any more.
DELETE FROM accounts WHERE person = $1

-- name: audit_insert
-- At $1 (epoch ms, the city's time) $2 did $3 to $4 with result $5, because of $6; $7 again counts.
INSERT INTO audit AS known (at, actor, action, target, result, reason, ce_id)
VALUES (ms_time($1), $2, $3, $4, $5, $6, $7)
ON CONFLICT (ce_id) DO UPDATE SET times = known.times + 1

-- name: system_names
-- Names of the systems, in the order of the city's file.
SELECT system, name FROM systems_now ORDER BY place

-- name: point_names
-- Names, unit and words for states of the point $2 of the station $1, and the plan that named it.
SELECT s.name AS station, p.name AS point, p.unit, p.states, s.plan_id
FROM stations AS s
INNER JOIN points AS p ON p.station_id = s.station_id
WHERE s.station_id = $1 AND p.point = $2

-- name: point_day
-- Minutes of the point $2 of the station $1 in [$3, $4), epoch ms.
SELECT (extract(epoch FROM bucket) * 1000)::bigint AS bucket, mean, min, max
FROM aggregates_1m
WHERE station_id = $1 AND point = $2 AND bucket >= ms_time($3) AND bucket < ms_time($4)
ORDER BY bucket

-- name: plan_document
-- The plan $1 as it was published.
SELECT document::text FROM plans WHERE plan_id = $1
