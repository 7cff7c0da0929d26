"""What the tests of judging share."""

from pathlib import Path

import pytest

from services.judging.processor import Processor
from services.runtime.signing import PUBLISHER, SigningKey, ensure_key


@pytest.fixture
def publisher(tmp_path: Path) -> SigningKey:
    """The key that plan events are believed by."""
    return ensure_key(tmp_path / "keys", PUBLISHER)


@pytest.fixture
def processor() -> Processor:
    """A processor under clock=log."""
    return Processor("log")
