SELECT station_id, address, landmark FROM stations WHERE station_id = ANY ($1::text[])
