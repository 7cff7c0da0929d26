"""The generated pages of docs/ say what the code says."""

import pytest

from services.cli.generated import DOCS, documents


@pytest.mark.parametrize("name", sorted(documents()))
def test_generated_page_is_current(name: str) -> None:
    """``make generated`` would change nothing."""
    assert (DOCS / name).read_text(encoding="utf-8") == documents()[name]
