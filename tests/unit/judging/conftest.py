"""What the monitor's unit tests share."""

from pathlib import Path

import pytest
from support.engine_log import EPOCH

from services.judging.failures import Failures
from services.judging.processor import Processor
from services.judging.verification import Verifier
from services.runtime.signing import PUBLISHER, SigningKey, ensure_key


@pytest.fixture
def publisher(tmp_path: Path) -> SigningKey:
    """The key that plan events are believed by."""
    return ensure_key(tmp_path / "keys", PUBLISHER)


@pytest.fixture
def processor(tmp_path: Path, publisher: SigningKey) -> Processor:
    """A processor under clock=log that has seen no failure."""
    verifier = Verifier(tmp_path / "keys")
    return Processor("log", verifier, Failures(tmp_path / "state", EPOCH))
