SELECT channel, count(*) AS messages FROM outbox WHERE state IN ('waiting', 'sending') GROUP BY channel
