-- People are told what is true when it is sent: a message that is not true any more is dropped, openly; of an
-- alert whose beginning somebody never heard, its end has a text of its own; late alerts of a station go
-- together; and an alert that a census does not know ends for those who were told, too.

ALTER TABLE outbox
DROP CONSTRAINT outbox_kind_check,
DROP CONSTRAINT outbox_state_check,
DROP CONSTRAINT outbox_pkey,
ADD CONSTRAINT outbox_kind_check
CHECK (kind IN ('raised', 'escalated', 'acknowledged', 'cleared', 'ended', 'orphaned')),
ADD CONSTRAINT outbox_state_check CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'dropped')),
ADD PRIMARY KEY (alert_id, seq, recipient, channel, kind),
ADD COLUMN station_id text,
ADD COLUMN gathered boolean NOT NULL DEFAULT false,
ADD COLUMN missed jsonb,
ADD COLUMN epoch text,
ADD COLUMN src_partition integer,
ADD COLUMN src_offset bigint;
CREATE INDEX outbox_gathered ON outbox (recipient, channel, alert_id) WHERE gathered AND state = 'waiting';
CREATE INDEX outbox_origins ON outbox (src_partition, alert_id, id);
COMMENT ON TABLE outbox IS
'One row per message: alert, seq, recipient, channel, kind (orphaned shares the seq of the last transition). A lane (recipient, channel) is sent in order of id. at: the transition, by the city''s clock; heard_at: when the broker took its snapshot; due_at: for lists, when the lane tries again; reason: of the last attempt that did not succeed, or why the message was dropped.';
COMMENT ON COLUMN outbox.gathered IS 'Late data: waits a little, and goes with others of its station and lane.';
COMMENT ON COLUMN outbox.missed IS 'Subject and body for whom no earlier message of the alert reached; null: then nothing is sent.';
COMMENT ON COLUMN outbox.src_offset IS
'epoch, src_partition, src_offset: the event of the transition; null in rows of the first releases.';
