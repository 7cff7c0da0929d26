"""What was measured: printed at once, and kept as rows of a Markdown table in ``.local/bench.md``."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILE = ROOT / ".local" / "bench.md"


def share(ordered: Sequence[int], percent: int) -> int:
    """The value that so many percent do not exceed."""
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def spread(times_ms: Iterable[int]) -> str:
    """Median, p95 and the longest."""
    ordered = sorted(times_ms)
    return f"p50 {share(ordered, 50)} ms, p95 {share(ordered, 95)} ms, at most {ordered[-1]} ms"


def conditions() -> str:
    """The machine and the versions that the figures hold for, and how busy it was beforehand."""
    return (
        f"{os.cpu_count()} cores ({_cpu_model()}), {platform.system()}, Python {platform.python_version()}, "
        f"Kafka {_kafka_version()}; servers and load generator on the same machine; "
        f"load average of the minute before: {os.getloadavg()[0]:.2f}"
    )


@dataclass
class Table:
    """A table of one session, with the conditions above it; earlier sessions' stay before it."""

    above: str = field(default_factory=conditions)
    rows: list[str] = field(default_factory=list)

    def add(self, part: str, what: str, figure: str, how: str = "") -> None:
        """Keep one figure, with its unit, and how it came about."""
        row = f"| {part} | {what} | {figure} | {how} |"
        with FILE.open("a") as file:
            if not self.rows:
                file.write(f"\n{self.above}\n\n| part | what | figure | how |\n|---|---|---|---|\n")
            file.write(f"{row}\n")
        self.rows.append(row)
        print(f"  {part}: {what} = {figure}" + (f"  ({how})" if how else ""), flush=True)


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "unknown")


def _kafka_version() -> str:
    jars = sorted((ROOT / ".local" / "kafka" / "libs").glob("kafka-clients-*.jar"))
    return jars[-1].stem.rpartition("-")[2] if jars else "unknown"
