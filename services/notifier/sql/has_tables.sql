SELECT to_regclass('outbox') IS NOT NULL AND to_regclass('plans') IS NOT NULL
