"""The monitor's process: the engine in the streaming shell."""

from functools import partial

from services.monitor.catalogue import Catalogue, LoadPlan
from services.monitor.failures import Failures
from services.monitor.logic import STREAM, MonitorLogic
from services.monitor.processor import Processor
from services.monitor.ticker import send_ticks
from services.monitor.verification import Verifier, Verify
from services.runtime.kafka import ensure_namespace
from services.runtime.settings import Settings
from services.streaming import shell


async def run(settings: Settings, *, load_plan: LoadPlan, verify: Verify) -> int:
    """Run until a signal cancels this, or something fails.

    Raises:
        StopProcessError: a checkpoint is not of this log (exit code 3).
    """
    epoch = await ensure_namespace(settings)
    failures = Failures(settings.state_dir / settings.namespace, epoch)
    processor = Processor(settings.clock, Verifier(verify, settings.keys_dir), failures)
    logic = MonitorLogic(epoch, processor, Catalogue(load_plan))
    monitor = shell.build(settings, epoch, stream=STREAM, logic=logic)
    if settings.clock == "wall":
        monitor.app.task(partial(send_ticks, monitor))
    return await shell.run(monitor, settings.monitor_port)
