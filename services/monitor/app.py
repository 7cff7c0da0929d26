"""The monitor's process: the engine in the streaming shell."""

from functools import partial

from services.monitor.catalogue import Catalogue
from services.monitor.failures import Failures
from services.monitor.judged import tell_judged
from services.monitor.last_alerts import last_alerts
from services.monitor.logic import STREAM, MonitorLogic
from services.monitor.processor import Processor
from services.monitor.ticker import send_ticks
from services.monitor.verification import Verifier
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
    failures = Failures(settings.state_dir / settings.namespace, epoch)
    processor = Processor(settings.clock, Verifier(settings.keys_dir), failures)
    unreadable = Unreadable(STREAM.group)
    catalogue = Catalogue(
        partial(load_plan, settings.kafka_bootstrap, settings.namespace, unreadable=unreadable),
        partial(last_good_plan, settings.kafka_bootstrap, settings.namespace),
    )
    logic = MonitorLogic(epoch, processor, catalogue, partial(last_alerts, settings, epoch))
    worker = shell.build(settings, epoch, stream=STREAM, logic=logic, unreadable=unreadable)
    worker.app.task(partial(tell_judged, worker))
    if settings.clock == "wall":
        worker.app.task(partial(send_ticks, worker))
    return await shell.run(worker, settings.monitor_port)
