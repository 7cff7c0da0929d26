"""Where scenes are asked for: files in a folder that the running simulator of a namespace attends."""

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
    """A scene that somebody wants to see now."""

    scene: str
    actor: str


@dataclass(frozen=True, slots=True)
class SceneRequests:
    """``folder`` is ``scenes-<namespace>`` in the state folder."""

    folder: Path

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Those of a namespace."""
        return cls(settings.state_dir / f"scenes-{settings.namespace}")

    @contextmanager
    def attended(self) -> Iterator[None]:
        """The simulator is here: requests left by others before it came are thrown away."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            self.taken()
            yield

    def is_attended(self) -> bool:
        """Whether a simulator runs: its lock goes with its process, however that ends."""
        path = self.folder / LOCK
        if not path.exists():
            return False
        with path.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def ask(self, request: SceneRequest) -> Path:
        """Leave a request; its file is gone when the simulator has taken it."""
        text = json.dumps({"scene": request.scene, "actor": request.actor}, ensure_ascii=False)
        path = self.folder / f"{time_ns()}-{token_hex(4)}.json"
        draft = path.with_suffix(".draft")
        draft.write_text(text, "utf-8")
        os.replace(draft, path)  # noqa: PTH105  # says that it is atomic
        return path

    def taken(self) -> list[SceneRequest]:
        """Take what was asked for, oldest first; each request is given once."""
        found = []
        for path in sorted(self.folder.glob("*.json")):
            text = path.read_text("utf-8")
            path.unlink()
            try:
                found.append(SceneRequest(**json.loads(text)))
            except (ValueError, TypeError) as error:
                log.warning(f"a scene request cannot be read file={path.name} reason={error}")
        return found
