"""Requests for scenes: files in a folder that the running simulator of a namespace consumes."""

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from time import time_ns
from typing import Self

from services.runtime.settings import Settings

log = logging.getLogger(__name__)
LOCK = "simulator.lock"


@dataclass(frozen=True, slots=True)
class SceneRequest:
    """A scene to play now, and who wants it."""

    scene: str
    actor: str


@dataclass(frozen=True, slots=True)
class SceneRequests:
    """``folder`` is ``scenes-<namespace>`` in the state folder."""

    folder: Path

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The requests of a namespace."""
        return cls(settings.state_dir / f"scenes-{settings.namespace}")

    @contextmanager
    def consuming(self) -> Iterator[None]:
        """Be the consumer meanwhile; requests from before are thrown away."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            self.take()
            yield

    def has_consumer(self) -> bool:
        """Returns whether a simulator runs: its lock goes with its process, however that ends."""
        path = self.folder / LOCK
        if not path.exists():
            return False
        with path.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def submit(self, request: SceneRequest) -> Path:
        """Leave a request; its file is gone when the simulator has taken it."""
        text = json.dumps({"scene": request.scene, "actor": request.actor}, ensure_ascii=False)
        path = self.folder / f"{time_ns()}-{token_hex(4)}.json"
        partial = path.with_suffix(".partial")
        partial.write_text(text, "utf-8")
        os.replace(partial, path)  # noqa: PTH105  # says that it is atomic
        return path

    def take(self) -> list[SceneRequest]:
        """Remove and return the requests, oldest first."""
        found = []
        for path in sorted(self.folder.glob("*.json")):
            text = path.read_text("utf-8")
            path.unlink()
            try:
                found.append(SceneRequest(**json.loads(text)))
            except (ValueError, TypeError) as error:
                log.warning(f"simulator: cannot read a scene request file={path.name} reason={error}")
        return found
