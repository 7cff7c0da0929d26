"""Kafka in KRaft mode, one node, loopback only, from the jars that Maven fetched."""

import base64
import contextlib
import socket
import struct
import uuid

from layout import KAFKA_LIBS, Layout, StackError, program, render, say
from processes import run_checked

API_VERSIONS = struct.pack(">hhih", 18, 0, 1, -1)
"""Kafka's ApiVersions request, version 0: key 18, version 0, correlation 1, no client id."""
LOG_SETTINGS = {
    "defaultLogLevel": "warn",
    "showDateTime": "true",
    "dateTimeFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
}
"""Of slf4j-simple, which writes to stderr: whoever starts the broker decides where that goes."""


def command(layout: Layout) -> list[str]:
    """The command line that runs the broker in the foreground."""
    return [*_java(), "kafka.Kafka", str(layout.kafka / "server.properties")]


def prepare(layout: Layout, port: int, controller_port: int) -> None:
    """Write the settings and, the first time, format the log directory."""
    settings, data = layout.kafka / "server.properties", layout.kafka / "data"
    render("server.properties.in", settings, port=port, controller_port=controller_port, data=data)
    if (data / "meta.properties").exists():
        return
    say("Kafka: formatting its log directory")
    options = ["format", "--standalone", "-t", _cluster_id(), "-c", str(settings)]
    command = [*_java(), "kafka.tools.StorageTool", *options]
    run_checked(command, f"Kafka's log directory {data} could not be formatted")


def is_ready(port: int) -> bool:
    """Returns whether the broker answers a request; it accepts connections some time before it does."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(struct.pack(">i", len(API_VERSIONS)) + API_VERSIONS)
        return len(connection.recv(4)) == 4
    return False


def _java() -> list[str]:
    if not KAFKA_LIBS.is_dir():
        raise StackError("Kafka's jars are not here: run `make up` or `make test`, which fetch them")
    log = [f"-Dorg.slf4j.simpleLogger.{name}={value}" for name, value in LOG_SETTINGS.items()]
    return [program("java"), "-Xms256m", "-Xmx768m", *log, "-cp", f"{KAFKA_LIBS}/*"]


def _cluster_id() -> str:
    """A random cluster id as Kafka writes it: 22 characters, not beginning with a dash."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[:22]
        if not text.startswith("-"):
            return text
