"""HTTP proxies of the environment: not used for this machine and our own stack, named in errors.

urllib, requests (MLflow) and httpx (Prefect) all use these variables, even for loopback.
"""

import os
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit
from urllib.request import (  # type: ignore[attr-defined]  # one of them is not in its types
    getproxies_environment,
    proxy_bypass_environment,
)

from contract.redaction import redact

LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")

BYPASS_VARIABLES: Final = ("no_proxy", "NO_PROXY")


def bypass_proxies(addresses: Iterable[str] = ()) -> None:
    """Adds this machine, and host names without a dot, to `no_proxy`.

    A name without a dot (`mlflow`, `prefect`) belongs to a container or a machine in the same
    network. Has no effect if no proxy is set.

    Args:
        addresses: URLs of MLflow, Prefect and the like.
    """
    if not proxy_variables():
        return
    hosts = [host for url in addresses if "." not in (host := _host(url)) and host]
    listed = [
        part.strip() for name in BYPASS_VARIABLES for part in os.environ.get(name, "").split(",")
    ]
    names = dict.fromkeys(filter(None, [*listed, *LOOPBACK_NAMES, *hosts]))
    value = "*" if "*" in names else ",".join(names)  # in a list, urllib gives it no meaning
    os.environ.update(dict.fromkeys(BYPASS_VARIABLES, value))


def proxy_variables() -> list[str]:
    """Names of the variables that set a proxy. Lower case takes precedence over upper case."""
    proxies = getproxies_environment()
    return [
        max((name for name in os.environ if name.lower() == f"{scheme}_proxy"), key=_rank)
        for scheme in ("http", "https", "all")
        if scheme in proxies
    ]


def _rank(variable: str) -> tuple[bool, bool]:
    """The larger, the sooner its value is used."""
    return bool(os.environ[variable]), variable.islower()


def proxy_variable(address: str) -> str | None:
    """Name of the variable that sets the proxy for an address; None without a proxy."""
    host = _host(address)
    with_port = urlsplit(address).netloc.rpartition("@")[2] if host else ""
    if not host or proxy_bypass_environment(host) or proxy_bypass_environment(with_port):
        return None
    names = {name.lower(): name for name in proxy_variables()}
    scheme = urlsplit(address).scheme
    return names.get(f"{scheme}_proxy") or names.get("all_proxy")


def proxy_hint(address: str) -> str:
    """Suffix of an error message that names the proxy of a failed request; empty without one."""
    name = proxy_variable(address)
    if name is None:
        return ""
    return (
        f", through the proxy {redact(os.environ[name])} of {name}: correct it, or add "
        f"{_host(address)} to no_proxy"
    )


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
