"""A point that reports states is in one of them."""

from schemas.plan import Comparator
from services.rules.judging_plan import Channel
from services.rules.pipeline.levels import Reading


def words(channel: Channel, _comparator: Comparator, read: Reading) -> tuple[str, str]:
    """The state by its name."""
    state = channel.point.states.get(round(read.value))
    return (f"{read.value:g}", f"{read.value:g}") if state is None else (state.zh, state.en)
