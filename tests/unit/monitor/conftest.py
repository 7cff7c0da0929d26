"""What the monitor's unit tests share."""

from pathlib import Path

import pytest
from support.engine_log import EPOCH

from services.monitor.failures import Failures
from services.monitor.processor import Processor
from services.monitor.trust import Trust
from services.runtime.signing import PUBLISHER, SigningKey, ensure_key, verify


@pytest.fixture
def publisher(tmp_path: Path) -> SigningKey:
    """The key that plan events are believed by."""
    return ensure_key(tmp_path / "keys", PUBLISHER)


@pytest.fixture
def processor(tmp_path: Path, publisher: SigningKey) -> Processor:
    """A processor under clock=log that has seen no failure."""
    trust = Trust(verify, tmp_path / "keys")
    return Processor("log", trust, Failures(tmp_path / "state", EPOCH))
