DELETE FROM {table} WHERE {topic} = $1 RETURNING partition
