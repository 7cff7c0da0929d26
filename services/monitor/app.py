"""The monitor's process: the engine in the streaming shell."""

from contextlib import suppress
from functools import partial
from pathlib import Path

from services.judging.processor import Processor
from services.monitor.catalogue import Catalogue
from services.monitor.last_alerts import last_alerts
from services.monitor.logic import STREAM, MonitorLogic
from services.monitor.lookups import trust_anchor
from services.monitor.ticker import send_ticks
from services.plans.publish.store import last_good_plan, load_plan
from services.runtime.kafka import ensure_namespace
from services.runtime.settings import Settings
from services.runtime.unreadable import Unreadable
from services.streaming import shell


async def run(settings: Settings) -> int:
    """Run until a signal cancels this, or something fails.

    Raises:
        StopProcessError: a checkpoint is not of this log (exit code 3).
    """
    epoch = await ensure_namespace(settings)
    _remove_notes(settings.state_dir / settings.namespace)
    unreadable = Unreadable(STREAM.group)
    catalogue = Catalogue(
        partial(load_plan, settings.kafka_bootstrap, settings.namespace, unreadable=unreadable),
        partial(last_good_plan, settings.kafka_bootstrap, settings.namespace),
    )
    logic = MonitorLogic(
        epoch,
        Processor(settings.clock),
        catalogue,
        anchor=partial(trust_anchor, settings.keys_dir),
        last_alerts=partial(last_alerts, settings, epoch),
    )
    worker = shell.build(settings, epoch, stream=STREAM, logic=logic, unreadable=unreadable)
    if settings.clock == "wall":
        worker.app.task(partial(send_ticks, worker))
    return await shell.run(worker, settings.monitor_port)


def _remove_notes(folder: Path) -> None:
    """Release 0.1 kept notes of events that had failed; no run goes by them any more."""
    for note in folder.glob("failure-*"):
        with suppress(OSError):
            note.unlink()
