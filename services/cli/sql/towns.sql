-- Names of the towns.
SELECT town_code, name FROM towns_now ORDER BY town_code
