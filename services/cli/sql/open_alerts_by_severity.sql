-- Open alerts by severity, and how many of them nobody has acknowledged.
SELECT severity, count(*) AS n, count(*) FILTER (WHERE NOT acked) AS unacked
FROM alerts_now
WHERE closed_at IS NULL
GROUP BY severity
