"""A monitoring process of its own, and a reference set."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data.population import DATA_SET, Chance, Population
from monitoring.settings import MonitoringSettings
from tests.builders import environment, eventually
from tests.conftest import SettingsFor
from tests.support.ports import free_ports

COMMAND = (sys.executable, "-m", "monitoring")


@pytest.fixture
def own(settings_for: SettingsFor, champion: dict[str, str]) -> MonitoringSettings:
    """Settings of a monitoring on topics that nobody else has."""
    return settings_for(
        MonitoringSettings,
        **champion,
        monitoring_port=free_ports("127.0.0.1", 1)[0],
        window_seconds=5,
        window_min_rows=100,
        window_max_seconds=5,
        allowed_lateness=1,
        idle_seconds=1,
    )


def start(settings: MonitoringSettings) -> "subprocess.Popen[str]":
    """A process, ready or not."""
    return subprocess.Popen(
        COMMAND,
        env={**os.environ, **environment(settings)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def monitoring(settings: MonitoringSettings) -> Iterator["subprocess.Popen[str]"]:
    """A process that is ready; ended at the latest with the block."""
    with start(settings) as process:
        assert process.stderr
        try:
            eventually(lambda: process.poll() is not None or get(settings, "/healthz"), deadline=90)
            assert process.poll() is None, process.stderr.read()
            yield process
        finally:
            process.kill()


def get(settings: MonitoringSettings, path: str) -> bytes:
    """What a page says; nothing while nobody answers."""
    try:
        url = f"http://127.0.0.1:{settings.monitoring_port}{path}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            body: bytes = answer.read()
            return body
    except (urllib.error.URLError, ConnectionError):
        return b""


def windows(settings: MonitoringSettings) -> dict[int, dict[str, Any]]:
    """The windows that are closed and known, by their start."""
    return {each["start"]: each for each in json.loads(get(settings, "/windows.json") or b"[]")}


def table(rows: int, seed: int, population: Population = DATA_SET) -> pd.DataFrame:
    """Rows as a reference set has them, drawn from a population; predicted by its own law."""
    random = np.random.default_rng(seed)
    drawn = population.sample(rows, Chance.of(random))
    probability = population.purchase_probability(
        drawn.age.astype(float), drawn.annual_salary.astype(float)
    )
    return pd.DataFrame(
        {
            "Gender": np.where(drawn.male, "Male", "Female").astype(object),
            "Age": drawn.age.astype(float),
            "AnnualSalary": drawn.annual_salary.astype(float),
            "Purchased": drawn.purchased,
            "prediction": (probability > 0.5).astype("int64"),
            "probability": probability,
        }
    )
