"""A census ends the alerts that it should know and does not, whole or in parts."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.alerts import Census
from services.judging.records import census_parts
from services.runtime.following.orphans import Source, orphans

EPOCH = "00000000-0000-4000-8000-000000000001"
AT = 1_768_302_000_000
ids = st.text("0123456789abcdef-", min_size=1, max_size=4)
sources = st.builds(
    Source, epoch=st.sampled_from((EPOCH, "old")), partition=st.integers(2, 3), offset=st.integers(98, 102)
)


def test_only_orphans_end() -> None:
    """Listed, younger than the census, of another partition: they stay."""
    found = {
        "orphan": Source(EPOCH, 3, 50),
        "at the edge": Source(EPOCH, 3, 100),
        "listed": Source(EPOCH, 3, 50),
        "younger": Source(EPOCH, 3, 101),
        "elsewhere": Source(EPOCH, 4, 50),
        "of another log": Source("old", 3, 90_000),
    }
    census = Census(partition=3, offset=100, at=AT, open_alerts=("listed",))
    assert set(orphans(found, census, epoch=EPOCH)) == {"orphan", "at the edge", "of another log"}


@given(st.dictionaries(ids, sources, max_size=20), st.sets(ids, max_size=20), st.integers(1, 5))
def test_parts_say_together_what_the_whole_says(
    found: dict[str, Source], listed: set[str], size: int
) -> None:
    """In any order, and each of its own ids only: no alert is ended twice, none by the wrong part."""
    census = Census(partition=3, offset=100, at=AT, open_alerts=tuple(sorted(listed)))
    parts = list(census_parts(census, size))
    ended = [one for part in reversed(parts) for one in orphans(found, part, epoch=EPOCH)]
    whole = set(orphans(found, census, epoch=EPOCH))
    assert len(set(ended)) == len(ended)
    assert set(ended) == (whole if listed else set())
    assert all(1 <= len(part.open_alerts) <= size for part in parts)
    assert [one for part in parts for one in part.open_alerts] == sorted(listed)
