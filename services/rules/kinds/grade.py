"""The class that an inspection gave."""

from schemas.plan import Comparator
from services.rules.judging_plan import Channel
from services.rules.pipeline.levels import Reading
from services.rules.state.working import WorkingState

WORST_CLASS = 5.0
"""The class of a rule's worst defects: beyond IV."""
CLASSES = {1: "I", 2: "II", 3: "III", 4: "IV", 5: "IV"}
"""The worst defects are of class IV, and are named."""


def measure(_working: WorkingState, channel: Channel, read: Reading) -> float:
    """The class; the rule's worst defects are beyond class IV."""
    return WORST_CLASS if read.defect in channel.rule.worst_defects else read.value


def words(_channel: Channel, _comparator: Comparator, read: Reading) -> tuple[str, str]:
    """The class by its numeral, and the defect."""
    found = CLASSES.get(round(read.value), "-") + (f"({read.defect})" if read.defect else "")
    return f"{found}级", f"class {found}"
