"""Records of the output topics become entries, whatever they hold."""

from hypothesis import given
from hypothesis import strategies as st
from support.output_records import BUCKET, Output, Outputs, changed, part
from support.shown_alerts import alert

from schemas.alerts import Alert
from schemas.topics import TopicName
from services.recorder.aggregates import waves
from services.recorder.alerts import newest, transition_rows
from services.recorder.entries import TOPICS, Reject, entry_of

HEADER_NAMES = st.sampled_from(["ce_type", "ce_id", "epoch", "src_partition", "src_offset", "reason", "x"])
HEADER_VALUES = st.one_of(st.binary(max_size=12), st.sampled_from([b"alert", b"census", b"7", b"9" * 40]))


@given(
    topic=st.sampled_from(TOPICS),
    key=st.none() | st.binary(max_size=80),
    value=st.none() | st.binary(max_size=200),
    headers=st.lists(st.tuples(HEADER_NAMES, HEADER_VALUES), max_size=8),
)
def test_decoding_is_total(
    topic: TopicName, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
) -> None:
    """Any bytes make an entry, and no text of a reject holds what PostgreSQL refuses."""
    entry = entry_of(Output(topic.within("t"), 0, 5, BUCKET, key, value, headers))
    assert entry.origin.offset == 5
    if isinstance(entry.body, Reject):
        body = entry.body
        for text in (
            body.reason,
            body.detail,
            body.source,
            body.ce_id,
            *body.headers,
            *body.headers.values(),
        ):
            assert "\x00" not in text
            text.encode()


def test_alert_comes_back_as_it_was_sent() -> None:
    """The entry holds the very alert."""
    given_alert = alert(seq=3)
    entry = entry_of(Outputs("t").alert(given_alert, offset=12))
    assert entry.body == given_alert
    assert isinstance(entry.body, Alert)
    assert (entry.origin.src_partition, entry.origin.src_offset) == (3, 12)


def test_numbers_in_headers_are_numbers_or_nothing() -> None:
    """A source offset that no column holds makes the record a reject."""
    record = Outputs("t").minute("s", BUCKET, {"p": part(1.0)}, 5)
    for text in (b"-1", b"1e3", b"9" * 19 + b"9", "٣".encode(), b""):
        headers = [(n, text if n == "src_offset" else v) for n, v in record.headers]
        assert isinstance(entry_of(changed(record, headers=headers)).body, Reject), text


def test_newest_is_the_largest_seq() -> None:
    """Whatever the order; of all of them the transitions are kept."""
    outputs = Outputs("t")
    entries = [entry_of(outputs.alert(alert(seq=n))) for n in (2, 5, 1, 5)]
    assert [entry.body.seq for entry in newest(entries) if isinstance(entry.body, Alert)] == [5]
    assert sorted(row[1] for row in transition_rows(entries)) == [1, 2, 5]


def test_no_wave_names_a_minute_twice() -> None:
    """Parts of the same minute follow each other, all others go together."""
    outputs = Outputs("t")
    keys = ["a", "b", "a", "c", "a"]
    records = [outputs.minute(key, BUCKET, {"p": part(1.0)}, n) for n, key in enumerate(keys)]
    found = waves([entry_of(record) for record in records])
    assert [[entry.origin.src_offset for entry in wave] for wave in found] == [[0, 1, 3], [2], [4]]
