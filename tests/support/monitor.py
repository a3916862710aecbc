"""Runs a monitoring process, and reads its pages."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from monitoring.settings import MonitoringSettings
from tests.support.builders import eventually, log_of, logging_to_a_file, start_module


def start_monitoring(settings: MonitoringSettings) -> "subprocess.Popen[str]":
    """Starts a process, which logs to a file; it may not be ready yet."""
    return logging_to_a_file(
        lambda log: start_module(settings, "monitoring", stdout=subprocess.DEVNULL, stderr=log)
    )


@contextmanager
def monitoring_process(settings: MonitoringSettings) -> Iterator["subprocess.Popen[str]"]:
    """Runs a process that is ready; kills it at the end of the block."""
    with start_monitoring(settings) as process:
        try:
            eventually(
                lambda: process.poll() is not None or get_page(settings, "/healthz"), deadline=90
            )
            assert process.poll() is None, log_of(process)
            yield process
        finally:
            process.kill()
            sys.stderr.write(log_of(process))  # shown if the test fails


def get_page(settings: MonitoringSettings, path: str) -> bytes:
    """Returns a page; nothing while the process does not answer."""
    try:
        url = f"http://127.0.0.1:{settings.monitoring_port}{path}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            body: bytes = answer.read()
            return body
    except (urllib.error.URLError, ConnectionError):
        return b""


def closed_windows(settings: MonitoringSettings) -> dict[int, dict[str, Any]]:
    """Returns the closed windows by their start."""
    return {
        each["start"]: each for each in json.loads(get_page(settings, "/windows.json") or b"[]")
    }
