"""The one catalogue of metrics: name, unit, meaning, labels. Labels come from bounded sets only."""

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60)
STEP_SECONDS = (0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.005, 0.02, 0.1)


class StreamMeters:
    """The streaming shell's metrics of a service, ``miyun_<service>_...``."""

    def __init__(self, service: str, topic: str) -> None:
        name = f"miyun_{service}"
        self.partitions = Gauge(f"{name}_partitions", f"Partitions of {topic} judged here")
        self.lag = Gauge(f"{name}_lag_records", f"Records of {topic} not judged yet", ["partition"])
        kept = "Entries in Faust's own containers; must not grow"
        self.faust_entries = Gauge(f"{name}_faust_entries", kept)
        self.stale = Counter(f"{name}_stale_records", "Records of an earlier assignment, ignored")
        meaning = "Judging one record: mean over a chunk of records"
        self.step = Histogram(f"{name}_step_seconds", meaning, buckets=STEP_SECONDS)
        self.checkpoint = Histogram(f"{name}_checkpoint_seconds", "Writing one checkpoint", buckets=SECONDS)
        self.load = Histogram(f"{name}_load_seconds", "Loading the assigned partitions", buckets=SECONDS)


# --- monitor ---
MONITOR = StreamMeters("monitor", "events")
EVENTS = Counter("miyun_monitor_events", "Records taken from events, by kind", ["kind"])
REJECTS = Counter("miyun_monitor_rejects", "Records, scans or values not taken, by reason", ["reason"])
EFFECTS = Counter("miyun_monitor_effects", "Effects sent, by kind", ["kind"])
COUNTED = Counter("miyun_monitor_counted", "Readings that only a count tells of: late, clamped", ["what"])
SKIPPED = Counter("miyun_monitor_skipped_steps", "Steps that a station's snapshot already included")
SNAPSHOT_BYTES = Counter("miyun_monitor_snapshot_bytes", "Snapshots written, in bytes", ["temperature"])
STATIONS = Gauge("miyun_monitor_stations", "Stations with a state held here")
REJECT_SHARE = Gauge("miyun_monitor_reject_share_pct", "Rejected share of the last minute", ["partition"])
ENGINE_FAILURES = Counter("miyun_monitor_engine_failures", "Events rejected because judging them failed")

# --- every reader of our own topics ---
UNREADABLE = Counter(
    "miyun_unreadable_records", "Records of our own topics that cannot be read", ["topic", "reason"]
)

# --- recorder ---
STORED = Counter("miyun_recorder_entries", "Records stored, by kind", ["kind"])
AGGREGATE_ROWS = Counter("miyun_recorder_aggregate_parts", "Parts of minutes stored, with repeats")
REFUSED = Counter("miyun_recorder_refused", "Output records that could not be stored", ["reason"])
ORPHANED = Counter("miyun_recorder_orphaned_alerts", "Alerts closed because a census did not list them")
LOST = Counter("miyun_recorder_lost_records", "Records deleted before they were stored", ["topic"])
STORE = Histogram("miyun_recorder_store_seconds", "Storing one batch", buckets=SECONDS)
STORE_LAG = Gauge("miyun_recorder_lag_records", "Records not stored yet", ["topic"])
DATABASE_WAITS = Counter("miyun_recorder_database_waits", "Times that the database went away")

# --- notifier ---
TOLD = Counter("miyun_notifier_decisions", "Transitions: what is told, or why nobody is", ["reason"])
OUTBOX_WAITING = Gauge("miyun_notifier_outbox_waiting", "Messages not delivered yet", ["channel"])
ATTEMPTS = Counter("miyun_notifier_attempts", "Attempts to deliver a message", ["channel", "result"])
FIRST_ATTEMPT = Histogram(
    "miyun_notifier_first_attempt_seconds",
    "From the broker's taking an alert to the first attempt to tell of it",
    buckets=SECONDS,
)
GIVEN_UP = Counter("miyun_notifier_given_up", "Messages given up", ["channel"])
NOTIFIER_LAG = Gauge("miyun_notifier_lag_records", "Records of alerts not decided on yet")
