-- Who is told of what: messages that wait or are done, every attempt, and how far the notifier has read.
-- Times of alerts are the city's; times of deliveries are the machine's, whatever the city's date.

CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    alert_id text NOT NULL,
    seq integer NOT NULL,
    recipient text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('mail', 'webhook')),
    kind text NOT NULL CHECK (kind IN ('raised', 'escalated', 'acknowledged', 'cleared', 'ended')),
    severity text NOT NULL,
    nature text NOT NULL,
    language text NOT NULL CHECK (language IN ('zh', 'en')),
    subject text NOT NULL,
    body text NOT NULL,
    headline jsonb NOT NULL,
    at timestamptz NOT NULL,
    heard_at timestamptz NOT NULL,
    queued_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sending', 'sent', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    reason text NOT NULL DEFAULT '',
    done_at timestamptz,
    PRIMARY KEY (alert_id, seq, recipient, channel)
);
CREATE INDEX outbox_lanes ON outbox (recipient, channel, id) WHERE state IN ('waiting', 'sending');
COMMENT ON TABLE outbox IS
'One row per message: alert, seq, recipient, channel. A lane (recipient, channel) is sent in order of id. at: the transition, by the city''s clock; heard_at: when the broker took its snapshot; due_at: not before; reason: of the last attempt that did not succeed.';

CREATE TABLE delivery_attempts (
    at timestamptz NOT NULL,
    outbox_id bigint NOT NULL,
    attempt integer NOT NULL,
    alert_id text NOT NULL,
    seq integer NOT NULL,
    recipient text NOT NULL,
    channel text NOT NULL,
    result text NOT NULL CHECK (result IN ('begun', 'delivered', 'refused', 'unreachable', 'unknown')),
    reason text NOT NULL DEFAULT '',
    ended_at timestamptz,
    PRIMARY KEY (outbox_id, attempt, at)
);
SELECT create_hypertable('delivery_attempts', by_range('at', interval '30 days'));
COMMENT ON TABLE delivery_attempts IS
'Every attempt, noted before it is made (begun) and after. unknown: the process ended in between, nobody knows whether the message arrived; it is sent again under the same id.';

CREATE TABLE notifier_offsets (
    partition integer PRIMARY KEY,
    epoch text NOT NULL,
    next_offset bigint NOT NULL,
    last_ce_id text NOT NULL
);
COMMENT ON TABLE notifier_offsets IS
'How far the notifier has decided on the topic alerts; written in the transaction that queues. epoch and last_ce_id belong to the record before next_offset.';

CREATE TABLE notifier_begin (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    floor_at timestamptz NOT NULL
);
COMMENT ON TABLE notifier_begin IS
'Fixed at the notifier''s first start: of transitions that the city saw before floor_at nobody is told.';
