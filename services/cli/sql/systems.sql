-- Names of the systems, in the order of the city's file.
SELECT system, name FROM systems_now ORDER BY place
