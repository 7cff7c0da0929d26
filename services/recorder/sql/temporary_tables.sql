-- Where COPY puts a batch's rows; empty again after each transaction.
CREATE TEMPORARY TABLE incoming_alerts (
    epoch text, src_partition integer, src_offset bigint, snapshot text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE incoming_transitions (
    alert_id text, seq integer, at bigint, detected_at bigint, recorded_at bigint,
    from_state text, to_state text, severity text, reason text, actor text, note text,
    value double precision, limit_value double precision, clear_value double precision,
    delay_ms bigint, samples integer, plan text, engine_version text, event_ref text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE incoming_parts (
    station_id text, point text, bucket bigint, system text, town_code text, n integer, n_good integer,
    sum double precision, min double precision, max double precision, last double precision, last_at bigint
) ON COMMIT DELETE ROWS;
