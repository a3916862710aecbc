"""Who may publish a record from the page. Pure."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from contract.guard import host_name
from contract.settings import is_loopback
from monitoring.settings import MonitoringSettings

JSON: Final = "application/json"


class Refusal(NamedTuple):
    """Why not, and the status that says so."""

    status: int
    words: str


def closed(settings: MonitoringSettings) -> Refusal | None:
    """Why nobody may; None if somebody may."""
    if not settings.test_records_enabled:
        return Refusal(
            403, "publishing from the page is switched off by INTENT_TEST_RECORDS_ENABLED"
        )
    if not settings.listen_token and not is_loopback(settings.listen_host):
        return Refusal(
            403,
            f"the page listens on {settings.listen_host}, beyond this machine, and anybody could "
            "publish: set INTENT_LISTEN_TOKEN",
        )
    return None


def refusal(settings: MonitoringSettings, headers: Mapping[str, str]) -> Refusal | None:
    """Why this request (its headers, names in lower case) may not publish; None if it may.

    A browser says which page a request comes from: only ours may. Without a token, that page must
    have been found under a name of this machine, for another name can be made to point here.
    """
    if (refused := closed(settings)) is not None:
        return refused
    host = headers.get("host", "")
    if headers.get("origin", "").partition("://")[2] != host or not host:
        return Refusal(403, "only the page itself may publish: the request is of another origin")
    if headers.get("content-type", "").partition(";")[0].strip() != JSON:
        return Refusal(415, f"a record is sent as {JSON}")
    name = host_name(host)
    if not settings.listen_token and not is_loopback(name):  # else it was asked for before
        return Refusal(403, f"open the page as localhost, not as {name}, or set a token")
    return None
