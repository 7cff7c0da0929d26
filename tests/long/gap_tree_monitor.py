"""``miyun`` with Faust's own list of gaps between messages: how a monitor slows down, on purpose."""

from services.cli.main import app_main
from services.streaming.chunked import Consumer


def give_back() -> None:
    """Take our override away, so that Faust notes a gap for each chunk and merges them at the next one."""
    del Consumer._add_gap


if __name__ == "__main__":
    give_back()
    app_main()
