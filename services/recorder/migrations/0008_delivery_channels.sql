-- Which channels there are is the notifier's: it names them here, so that lists show their words.

ALTER TABLE outbox DROP CONSTRAINT outbox_channel_check;

CREATE TABLE delivery_channels (
    channel text PRIMARY KEY,
    name jsonb NOT NULL
);
COMMENT ON TABLE delivery_channels IS
'Channels of delivery by the names that stand in outbox and delivery_attempts, as the notifier that started last names them: name {zh, en}.';
