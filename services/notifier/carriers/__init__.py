"""Ways to people, one module each: a module that stands here and has a ``CARRIER`` is one, by that alone.

People's files, the outbox, metrics and lists know a channel of delivery by its carrier's name only; whoever
wants its words finds them in the table ``delivery_channels``, which the notifier writes at its start.
"""

import functools
import importlib
import pkgutil
from collections.abc import Mapping

from services.notifier.carriers.carrier import Carrier


@functools.cache
def carriers() -> Mapping[str, Carrier]:
    """All carriers by name, in the order of their modules' names.

    Raises:
        ValueError: two modules register one name.
    """
    found: dict[str, Carrier] = {}
    for module in sorted(one.name for one in pkgutil.iter_modules(__path__)):
        carrier = getattr(importlib.import_module(f"{__name__}.{module}"), "CARRIER", None)
        if carrier is None:
            continue
        if carrier.name in found:
            raise ValueError(f"two carriers are called {carrier.name}")
        found[carrier.name] = carrier
    return found
