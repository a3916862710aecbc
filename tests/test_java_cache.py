"""Brokers of tests start from a cache of Kafka's classes, and without it where it is damaged."""

import os
from pathlib import Path

import pytest

from contract.settings import load
from intent.local.kafka.jars import ensure_jars
from intent.local.kafka.java import java
from intent.local.settings import LocalSettings
from tests.support.commands import run_unchecked
from tests.support.java_cache import JAVA_OPTIONS, ensure_java_cache, use_java_cache

FROM_CACHE = "kafka.Kafka source: shared objects file"
USAGE = "USAGE:"


def start_kafka() -> str:
    """What Kafka without its properties file prints, with the origin of each class."""
    jars = ensure_jars(load(LocalSettings).cache_dir)
    done = run_unchecked(*java("kafka.Kafka", jars, "-XX:+UseParallelGC", "-Xlog:class+load"))
    return done.stdout + done.stderr


@pytest.fixture
def cache_file(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache of this machine, which brokers use from now on."""
    folder = load(LocalSettings).cache_dir
    ensure_java_cache(folder)
    monkeypatch.setenv(JAVA_OPTIONS, "-XX:TieredStopAtLevel=1")
    use_java_cache(folder)
    return Path(os.environ[JAVA_OPTIONS].rpartition("=")[2])


def test_kafka_is_loaded_from_the_cache(cache_file: Path) -> None:
    assert cache_file.exists()
    output = start_kafka()
    assert FROM_CACHE in output
    assert USAGE in output


@pytest.mark.parametrize("damage", ["truncated", "overwritten", "missing"])
def test_kafka_starts_without_a_damaged_cache(
    cache_file: Path, damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / cache_file.name
    content = bytearray(cache_file.read_bytes())
    half = len(content) // 2
    if damage == "overwritten":
        content[half : half + 4096] = os.urandom(4096)
    if damage != "missing":
        damaged.write_bytes(content[:half] if damage == "truncated" else content)
    options = os.environ[JAVA_OPTIONS].replace(str(cache_file), str(damaged))
    monkeypatch.setenv(JAVA_OPTIONS, options)
    output = start_kafka()
    assert FROM_CACHE not in output
    assert USAGE in output
