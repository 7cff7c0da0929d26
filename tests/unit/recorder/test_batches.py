"""What is stored of a batch of outputs."""

from support.output_records import BUCKET, Outputs, part
from support.shown_alerts import alert

from schemas.alerts import Alert
from schemas.outputs import decode
from services.recorder.aggregates import waves
from services.recorder.alerts import newest, transition_rows


def test_newest_is_the_largest_seq() -> None:
    """Whatever the order; of all of them the transitions are kept."""
    outputs = Outputs("t")
    entries = [decode(outputs.alert(alert(seq=n))) for n in (2, 5, 1, 5)]
    assert [entry.body.seq for entry in newest(entries) if isinstance(entry.body, Alert)] == [5]
    assert sorted(row[4] for row in transition_rows(entries)) == [1, 2, 5]


def test_no_wave_names_a_minute_twice() -> None:
    """Parts of the same minute follow each other, all others go together."""
    outputs = Outputs("t")
    keys = ["a", "b", "a", "c", "a"]
    records = [outputs.minute(key, BUCKET, {"p": part(1.0)}, n) for n, key in enumerate(keys)]
    found = waves([decode(record) for record in records])
    assert [[entry.origin.src_offset for entry in wave] for wave in found] == [[0, 1, 3], [2], [4]]
