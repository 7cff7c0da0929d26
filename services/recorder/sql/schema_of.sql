-- Whether there is a schema $1, and whether migrations of ours made it.
SELECT
    to_regnamespace(quote_ident($1)) IS NOT NULL AS exists,
    to_regclass(quote_ident($1) || '.consumer_offsets') IS NOT NULL
    AND to_regclass(quote_ident($1) || '.migrations') IS NOT NULL AS ours
