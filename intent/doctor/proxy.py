"""Do proxies that the environment names answer, and what do we reach through them?"""

import os
import socket
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from contract.proxies import proxy_variable, proxy_variables
from contract.redaction import redact
from intent.doctor.finding import Finding, fault, note, ok
from intent.local.settings import LocalSettings

PATIENCE: Final = 3.0
"""Seconds for a connection."""

DEFAULT_PORTS: Final = {"https": 443}


def proxy(settings: LocalSettings) -> Iterator[Finding]:
    """A finding for each variable; this machine and our own stack are reached without a proxy."""
    addresses = {
        "INTENT_MLFLOW_URI": settings.mlflow_uri,
        "PREFECT_API_URL": os.environ.get("PREFECT_API_URL", ""),
    }
    named = proxy_variables()
    if not named:
        yield ok("proxy", "no variable names one")
    for name in named:
        used = [each for each, address in addresses.items() if proxy_variable(address) == name]
        yield _finding(name, os.environ[name], used)


def _finding(name: str, address: str, used: list[str]) -> Finding:
    subject, told = f"proxy of {name}", redact(address)
    if _answers(address):
        through = " and ".join(used) or "none of our servers"
        return ok(subject, f"{told} answers; reached through it: {through}")
    if not used:
        return note(subject, f"{told} does not answer; nothing but downloads would need it")
    return fault(
        subject,
        f"{told} does not answer, and {' and '.join(used)} would be reached through it",
        f"correct or unset {name}, or add the host names to no_proxy",
    )


def _answers(address: str) -> bool:
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        port = parts.port or DEFAULT_PORTS.get(parts.scheme, 80)
        socket.create_connection((parts.hostname or "", port), PATIENCE).close()
    except (OSError, ValueError):
        return False
    return True
