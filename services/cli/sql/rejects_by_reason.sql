-- What could not be taken since $1 (the city's time), by reason.
SELECT reason, count(*) AS n FROM rejects WHERE rejected_at >= $1 GROUP BY reason
