"""So many readings of a window are beyond a value, whatever lies between them.

Each usable reading moves the window on, so that a count falls with the first one after the window has passed.
Where none come nothing is judged: the alert is held, as of any other rule.
"""

from schemas.plan import Comparator, Rule
from services.rules.judging_plan import Channel
from services.rules.pipeline.levels import Reading
from services.rules.state.working import WorkingState
from services.rules.words.headline import duration, number

REMEMBERED = 240
"""Readings beyond the value that are kept, the newest: more than the greatest limit there may be."""


def measure(working: WorkingState, channel: Channel, read: Reading) -> float:
    """Counts the readings of the window that ends with this one beyond the value, up to ``REMEMBERED``."""
    settings, windows = channel.rule.settings, working.hot.windows
    begin = read.at - round(settings["window_s"] * 1000)
    window = tuple(one for one in windows.get(channel.key, ()) if one[0] > begin)
    if settings.get("above", read.value + 1) <= read.value or read.value < settings.get("below", read.value):
        window = (*window, (read.at, read.value, 1))[-REMEMBERED:]
    if window:
        windows[channel.key] = window
    else:
        windows.pop(channel.key, None)
    return float(len(window))


def words(channel: Channel, _comparator: Comparator, read: Reading) -> tuple[str, str]:
    """How often, beyond what, in which time."""
    zh, en = duration(round(channel.rule.settings["window_s"]) * 1000)
    value = f"{_beyond(channel.rule)} {channel.point.unit}".rstrip()
    return f"{zh}内{read.value:.0f}次{value}", f"{read.value:.0f} times {value} within {en}"


def condition(rule: Rule) -> dict[str, str]:
    """The value and the window."""
    zh, en = duration(round(rule.settings["window_s"]) * 1000)
    return {"zh": f"{zh}内{_beyond(rule)}", "en": f"{_beyond(rule)} within {en}"}


def _beyond(rule: Rule) -> str:
    above = rule.settings.get("above")
    return f"<{number(rule.settings['below'])}" if above is None else f"≥{number(above)}"
