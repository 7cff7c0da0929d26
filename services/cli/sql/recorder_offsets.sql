-- Up to where the recorder has stored each partition; topics without their namespace.
SELECT topic, partition, next_offset FROM consumer_offsets
