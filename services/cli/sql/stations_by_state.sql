-- Stations of the active plan by what is known of their data. A state is recorded when points fall
-- silent or speak again: a station without one reports, if anything of it was ever aggregated.
WITH known AS (
    SELECT DISTINCT ON (station_id) station_id, state
    FROM station_states
    ORDER BY station_id, at DESC, ce_id DESC
), judged AS (
    SELECT coalesce(
        known.state,
        CASE WHEN EXISTS (SELECT FROM aggregates_1m AS heard WHERE heard.station_id = stations.station_id)
             THEN 'reporting' ELSE 'unheard' END
    ) AS state
    FROM stations
    LEFT JOIN known USING (station_id)
    WHERE plan_id IN (SELECT plan_id FROM plan_activations) AND NOT virtual
)
SELECT state, count(*) AS n FROM judged GROUP BY state
