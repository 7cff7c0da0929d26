"""A point that reports states is in one of them."""

from schemas.plan import Comparator
from services.rules.arranged import Channel
from services.rules.headline import Shown


def words(channel: Channel, _comparator: Comparator, shown: Shown) -> tuple[str, str]:
    """The state by its name."""
    state = channel.point.states.get(round(shown.measured))
    return (f"{shown.measured:g}", f"{shown.measured:g}") if state is None else (state.zh, state.en)
