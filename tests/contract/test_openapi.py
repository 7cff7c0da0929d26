"""The committed OpenAPI document of the console is that of its code."""

import json

from services.console.openapi import FILE, document


def test_committed_document_is_current() -> None:
    """``python -m services.console.openapi`` would change nothing."""
    assert FILE.read_text(encoding="utf-8") == document()


def test_nothing_is_left_out() -> None:
    """Every field is always sent, so that the page need not ask whether it is there."""
    bodies = json.loads(document())["components"]["schemas"]
    assert {"OpenAlerts", "AlertView", "Heartbeat", "Failure"} <= set(bodies)
    for name, body in bodies.items():
        assert set(body.get("required", ())) == set(body.get("properties", ())), name
