"""Commands that last, each a process of its own: at work, and then ended by Ctrl-C."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from contract import codec
from contract.kafka import ensure_topics
from contract.settings import Settings
from contract.topics import topics
from monitoring.settings import MonitoringSettings
from stream_app.settings import ScorerSettings
from tests.support.builders import (
    a_customer,
    environment,
    eventually,
    intent_process,
    produce,
    read_all,
)
from tests.support.fixtures import SettingsFor
from tests.support.monitor import get_page
from tests.support.ports import free_ports
from tests.support.scorer import is_ready

STARTED = 90
"""Seconds: imports take most of them on a busy machine."""


@contextmanager
def lasting(
    settings: Settings, *arguments: str, out: IO[str] | int = subprocess.DEVNULL
) -> Iterator["subprocess.Popen[str]"]:
    """A command at work; ended at the latest with the block."""
    env = {**os.environ, **environment(settings)}
    pipe = subprocess.PIPE
    with intent_process(*arguments, env=env, stdin=pipe, stdout=out, stderr=pipe) as process:
        yield process


def ctrl_c(process: "subprocess.Popen[str]") -> int:
    """The code that it ends with, and nothing of a traceback."""
    os.killpg(process.pid, signal.SIGINT)
    _, output = process.communicate(timeout=90)
    assert "Traceback" not in output
    return process.returncode


def test_score_is_ready_and_ends_in_order(
    settings_for: SettingsFor, champion: dict[str, str]
) -> None:
    port, *_ = free_ports("127.0.0.1", 1)
    settings = settings_for(ScorerSettings, **champion, scorer_port=port)
    with lasting(settings, "score") as process:
        eventually(lambda: is_ready(settings) or process.poll() is not None, STARTED)
        assert ctrl_c(process) == 0


def test_monitor_is_ready_and_ends_in_order(
    settings_for: SettingsFor, champion: dict[str, str]
) -> None:
    port, *_ = free_ports("127.0.0.1", 1)
    settings = settings_for(MonitoringSettings, **champion, monitoring_port=port)
    with lasting(settings, "monitor") as process:
        eventually(lambda: get_page(settings, "/healthz") or process.poll() is not None, STARTED)
        assert ctrl_c(process) == 0


def test_consume_follows_what_is_new_and_ends_in_order(settings: Settings, tmp_path: Path) -> None:
    customers = topics(settings).customers
    ensure_topics(settings, [customers])
    produce(settings.kafka_bootstrap, customers.name, [codec.encode(a_customer(id="old"))])
    reported = tmp_path / "reported"

    def heard() -> bool:  # what comes before it listens is not for it
        record = codec.encode(a_customer(id="new"))
        produce(settings.kafka_bootstrap, customers.name, [record])
        return bool(reported.read_text())

    arguments = ("consume", "customers", "--follow", "--json")
    with reported.open("w") as out, lasting(settings, *arguments, out=out) as process:
        eventually(heard, STARTED, every=0.5)
        assert ctrl_c(process) == 0
    assert {json.loads(line)["value"]["id"] for line in reported.read_text().splitlines()} == {
        "new"
    }


def test_produce_sends_each_line_of_a_pipe_as_it_comes(settings: Settings) -> None:
    customers = topics(settings).customers
    ensure_topics(settings, [customers])
    with lasting(settings, "produce", "-") as process:
        assert process.stdin
        for number in range(2):
            process.stdin.write(codec.encode(a_customer(id=str(number))).decode() + "\n")
            process.stdin.flush()
            read_all(settings.kafka_bootstrap, customers.name, until=number + 1, deadline=STARTED)
        assert ctrl_c(process) == 128 + signal.SIGINT
