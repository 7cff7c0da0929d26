-- The city's time as far as it is stored, and its last midnight.
SELECT at, day_began_at FROM city_clock
