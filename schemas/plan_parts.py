"""Plans put together from their parts, whatever else stands under their names."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import ValidationError

from schemas.outputs import PlanPart
from schemas.plan import PLAN, Plan, plan_id

Slices = dict[tuple[str, int], dict[int, bytes]]
"""By plan and number of parts: parts that say another number are of another plan."""


@dataclass(slots=True)
class PlanParts:
    """Parts as they come. Of a part that comes with several contents the first and the last are kept."""

    _first: Slices = field(default_factory=dict)
    _last: Slices = field(default_factory=dict)

    def take(self, part: PlanPart) -> None:
        """Keep a part."""
        name = part.plan_id, part.parts
        self._first.setdefault(name, {}).setdefault(part.part, part.body)
        self._last.setdefault(name, {})[part.part] = part.body

    def names(self) -> list[str]:
        """Plans of which there are parts, the latest first."""
        return list(dict.fromkeys(name for name, _ in reversed(self._first)))

    def serialised(self, sha256: str) -> bytes | None:
        """The plan's bytes; None while parts are missing, or when they are not what the name says."""
        wholes = (b"".join(slices) for slices in self._whole(sha256))
        return next((whole for whole in wholes if plan_id(whole) == sha256), None)

    def are_whole(self, sha256: str) -> bool:
        """No part is missing, whatever they hold."""
        return next(self._whole(sha256), None) is not None

    def plan(self, sha256: str) -> Plan | None:
        """The plan of that name; None: it is not there, or no plan."""
        serialised = self.serialised(sha256)
        try:
            return None if serialised is None else PLAN.validate_json(serialised)
        except ValidationError:
            return None

    def _whole(self, sha256: str) -> Iterator[list[bytes]]:
        for kept in (self._last, self._first):
            for (name, parts), slices in kept.items():
                if name == sha256 and len(slices) == parts:
                    yield [slices[number] for number in sorted(slices)]
