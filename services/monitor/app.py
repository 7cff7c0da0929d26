"""The monitor's process: the engine in the streaming shell."""

from functools import partial

from services.monitor.catalogue import Catalogue
from services.monitor.failures import Failures
from services.monitor.logic import STREAM, MonitorLogic
from services.monitor.processor import Processor
from services.monitor.ticker import send_ticks
from services.monitor.verification import Verifier
from services.plans.store import load_plan
from services.runtime.kafka import ensure_namespace
from services.runtime.settings import Settings
from services.streaming import shell


async def run(settings: Settings) -> int:
    """Run until a signal cancels this, or something fails.

    Raises:
        StopProcessError: a checkpoint is not of this log (exit code 3).
    """
    epoch = await ensure_namespace(settings)
    failures = Failures(settings.state_dir / settings.namespace, epoch)
    processor = Processor(settings.clock, Verifier(settings.keys_dir), failures)
    catalogue = Catalogue(partial(load_plan, settings.kafka_bootstrap, settings.namespace))
    logic = MonitorLogic(epoch, processor, catalogue)
    worker = shell.build(settings, epoch, stream=STREAM, logic=logic)
    if settings.clock == "wall":
        worker.app.task(partial(send_ticks, worker))
    return await shell.run(worker, settings.monitor_port)
