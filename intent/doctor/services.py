"""Checks of the services that the settings name: Kafka, proxies, model registry, Prefect."""

import os
import socket
import time
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urlsplit

from contract import kafka
from contract.errors import AccessDenied, BrokerUnreachable, ModelUnavailable
from contract.http_client import fetch
from contract.libraries import configure_libraries
from contract.partition_watch import HELD_AFTER, OpenTransaction, PartitionWatch, TopicAndPartition
from contract.proxies import proxy_variable, proxy_variables
from contract.redaction import redact
from contract.settings import Settings
from contract.topics import topics
from intent.doctor.result import CheckResult, error, ok, warning
from intent.local.settings import LOOPBACK, LocalSettings
from training.settings import TrainingSettings

CONNECT_TIMEOUT: Final = 3.0
"""Seconds."""

DEFAULT_PORTS: Final = {"https": 443}

NO_CHAMPION: Final = "{} has no champion yet: `intent train` or `intent up` trains one"


def check_kafka(settings: LocalSettings) -> Iterator[CheckResult]:
    """Connection, topics and open transactions. A missing local broker is only a warning."""
    is_local = settings.starts_broker
    if is_local:
        address = f"{LOOPBACK}:{settings.broker_port}"
        settings = settings.model_copy(update={"kafka_bootstrap": address})
    address = settings.kafka_bootstrap
    try:
        kafka.check_broker(settings)
    except BrokerUnreachable as failure:
        if is_local:
            yield warning("Kafka", f"no broker at {address}: `intent up` starts one")
        else:
            fix = "start it, or correct INTENT_KAFKA_BOOTSTRAP; check firewalls and listeners"
            yield error("Kafka", str(failure).rpartition(": ")[0], fix)
        return
    except AccessDenied as failure:
        fix = "correct INTENT_KAFKA_USERNAME, its password, or the certificate"
        yield error("Kafka", str(failure).rpartition(": ")[0] or str(failure), fix)
        return
    yield ok("Kafka", f"connected to {address}")
    metadata = (
        kafka.create_admin_client(settings).list_topics(timeout=settings.kafka_timeout).topics
    )
    existing = [topic.name for topic in topics(settings) if topic.name in metadata]
    missing = [topic.name for topic in topics(settings) if topic.name not in metadata]
    if missing:
        yield warning("topics", f"the first stage that starts creates {', '.join(missing)}")
    else:
        yield ok("topics", "all exist")
    open_ones = find_open_transactions(
        settings, [(name, number) for name in existing for number in metadata[name].partitions]
    )
    for transaction in open_ones:
        yield error(
            f"topic {transaction.topic}",
            transaction.describe(),
            "end the transaction of that producer, or wait for its transaction timeout; "
            "`kafka-transactions.sh abort` ends one whose producer is gone",
        )
    if existing and not open_ones:
        yield ok("transactions", "none blocks a partition")


def find_open_transactions(
    settings: Settings, places: Iterable[TopicAndPartition]
) -> tuple[OpenTransaction, ...]:
    """Transactions that block the last stable offset of a partition.

    Takes 5 s longer if a transaction is open.
    """
    watch = PartitionWatch(settings)
    watch.watch_partitions(places)
    ends_at = time.monotonic() + HELD_AFTER
    while True:
        now = time.monotonic()
        watch.poll(now)
        if watch.open_transactions or not any(end.is_held for end in watch.ends.values()):
            return watch.open_transactions
        if now > ends_at + HELD_AFTER:  # transactions are open, but never for long
            return ()
        time.sleep(max(0.0, min(1.0, ends_at - now)))


def check_proxies(settings: LocalSettings) -> Iterator[CheckResult]:
    """Whether each proxy of the environment answers. Our own stack is reached without a proxy."""
    addresses = {
        "INTENT_MLFLOW_URI": settings.mlflow_uri,
        "PREFECT_API_URL": os.environ.get("PREFECT_API_URL", ""),
    }
    variables = proxy_variables()
    if not variables:
        yield ok("proxy", "no variable names one")
    for variable in variables:
        users = [name for name, address in addresses.items() if proxy_variable(address) == variable]
        yield _check_proxy(variable, os.environ[variable], users)


def _check_proxy(variable: str, address: str, users: list[str]) -> CheckResult:
    check, shown = f"proxy of {variable}", redact(address)
    if _accepts_connections(address):
        return ok(
            check, f"{shown} answers; used for: {' and '.join(users) or 'none of our servers'}"
        )
    if not users:
        return warning(check, f"{shown} does not answer; only downloads would use it")
    return error(
        check,
        f"{shown} does not answer, and {' and '.join(users)} would be reached through it",
        f"correct or unset {variable}, or add the host names to no_proxy",
    )


def _accepts_connections(address: str) -> bool:
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        port = parts.port or DEFAULT_PORTS.get(parts.scheme, 80)
        socket.create_connection((parts.hostname or "", port), CONNECT_TIMEOUT).close()
    except (OSError, ValueError):
        return False
    return True


def check_registry(settings: TrainingSettings) -> Iterator[CheckResult]:
    """Whether the registry answers and has a champion. Imports MLflow, which takes seconds."""
    if settings.registry_is_missing:
        yield warning("registry", NO_CHAMPION.format(settings.model_name))
        return
    configure_libraries(settings, prefect_log_level="CRITICAL")
    from training.registry_client import champion_version  # noqa: PLC0415  reads the variables above

    try:
        version = champion_version(settings)
    except ModelUnavailable as failure:
        message, _, fix = str(failure).rpartition(": ")
        yield error("registry", message, fix)
        return
    if version is None:
        yield warning("registry", NO_CHAMPION.format(settings.model_name))
    else:
        yield ok("registry", f"version {version} of {settings.model_name} is the champion")


def check_prefect() -> Iterator[CheckResult]:
    """Whether the server of PREFECT_API_URL answers."""
    url = os.environ.get("PREFECT_API_URL")
    if not url:
        yield ok("Prefect", "PREFECT_API_URL is not set: training starts its own server")
    elif _prefect_answers(url):
        yield ok("Prefect", f"connected to {url}")
    else:
        yield error("Prefect", f"no server answers at {url}", "start it, or unset PREFECT_API_URL")


def _prefect_answers(url: str) -> bool:
    try:
        fetch(f"{url}/health", timeout=5)
    except HTTPError:  # it answers; authorization is checked elsewhere
        return True
    except (OSError, ValueError):
        return False
    return True
