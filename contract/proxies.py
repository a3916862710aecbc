"""Proxies that the environment names: never for this machine or our own stack, and named in errors.

urllib, requests (MLflow) and httpx (Prefect) all obey these variables, for loopback too.
"""

import os
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit
from urllib.request import (  # type: ignore[attr-defined]  # one of them is not in its types
    getproxies_environment,
    proxy_bypass_environment,
)

from contract.redaction import redacted

LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")

EXCEPTIONS: Final = ("no_proxy", "NO_PROXY")


def bypass(addresses: Iterable[str] = ()) -> None:
    """Adds to no_proxy: this machine, and those of the addresses that are names without a dot.

    Such a name (`mlflow`, `prefect`) is of a container or a machine next to this one. Does nothing
    where no proxy is named.
    """
    if not proxy_variables():
        return
    hosts = [host for each in addresses if "." not in (host := _host(each)) and host]
    listed = [part.strip() for name in EXCEPTIONS for part in os.environ.get(name, "").split(",")]
    value = ",".join(dict.fromkeys(filter(None, [*listed, *LOOPBACK_NAMES, *hosts])))
    os.environ.update(dict.fromkeys(EXCEPTIONS, value))


def proxy_variables() -> list[str]:
    """The variables that name a proxy. Of a name in both cases the lower one counts."""
    proxies = getproxies_environment()
    return [
        next(name for name in (f"{kind}_proxy", f"{kind}_proxy".upper()) if os.environ.get(name))
        for kind in ("http", "https", "all")
        if kind in proxies
    ]


def proxy_variable(address: str) -> str | None:
    """The variable that names the proxy for an address, if there is one."""
    host = _host(address)
    if not host or proxy_bypass_environment(host):
        return None
    names = {name.lower(): name for name in proxy_variables()}
    scheme = urlsplit(address).scheme
    return names.get(f"{scheme}_proxy") or names.get("all_proxy")


def proxy_hint(address: str) -> str:
    """Which proxy a failed request went through, for an error message; empty without one."""
    name = proxy_variable(address)
    if name is None:
        return ""
    return (
        f", through the proxy {redacted(os.environ[name])} of {name}: correct it, or add "
        f"{_host(address)} to no_proxy"
    )


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
