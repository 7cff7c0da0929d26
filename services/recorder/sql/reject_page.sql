SELECT * FROM rejects WHERE id = $1
