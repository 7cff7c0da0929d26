-- Chunks of attempts that end before $1.
SELECT drop_chunks(format('%I.delivery_attempts', current_schema())::regclass, older_than => $1::timestamptz)
