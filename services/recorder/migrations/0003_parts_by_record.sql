-- Parts are remembered by the record that brought them instead of by point: an event closes a station's
-- minute once, with all its points. Ordered as they come, and as they are forgotten.

CREATE TABLE parts_by_record (
    station_id text NOT NULL,
    bucket timestamptz NOT NULL,
    epoch text NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    PRIMARY KEY (partition, epoch, "offset", station_id, bucket)
);
INSERT INTO parts_by_record (station_id, bucket, epoch, partition, "offset")
SELECT DISTINCT station_id, bucket, epoch, partition, "offset" FROM aggregate_parts;

DROP TABLE aggregate_parts;
ALTER TABLE parts_by_record RENAME TO aggregate_parts;
ALTER INDEX parts_by_record_pkey RENAME TO aggregate_parts_pkey;
COMMENT ON TABLE aggregate_parts IS
'Parts merged lately, by station, minute and the event (partition, offset) that closed it: one that comes again is known. See aggregate_floors.';
