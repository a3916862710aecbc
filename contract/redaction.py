"""Takes secrets out of whatever is said: logins and tokens in addresses, and those of the settings.

Addresses are matched by their form, rather too much than too little: a password may hold any
character. What the settings hold is known exactly and taken out wherever it stands.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Final
from urllib.parse import unquote

HIDDEN: Final = "***"

_LOGIN: Final = re.compile(
    r"""(?<=://)(?!\[)(?:
        [^/@:\s'"]*:(?!\d{1,5}(?:[/\s'",;)?#]|$))(?:(?!://)[^\n])*?@(?:[^\s/'"]*@)?  # a login
        |[^/@:\s'"]+@  # a token
    )""",
    re.VERBOSE,
)
"""A number after the colon is a port. The last @ of several counts."""

_PARAMETER: Final = re.compile(
    r"""([?&;][\w.%-]*(?:passw|pwd|token|secret|api_?key|access_?key|signature|credential)[\w.%-]*=)
    [^&;\s"]+""",
    re.IGNORECASE | re.VERBOSE,
)

_HEADER: Final = re.compile(
    r"""(authorization['"]?\s*[:=,]\s*b?['"]?(?:bearer|basic)\s+)[^\s'"]+""", re.IGNORECASE
)

_HOST_AND_PORT: Final = re.compile(r"[^/@:]*(?::\d{1,5})?/")

WEB: Final = ("http", "https")

MIN_LENGTH: Final = 6
"""A shorter secret could be part of any word."""

_known: set[str] = set()


def redacted(text: str) -> str:
    """The text without what is secret in it."""
    for secret in _known:
        text = text.replace(secret, HIDDEN)
    if "://" in text:
        text = _LOGIN.sub(f"{HIDDEN}@", text)
    text = _PARAMETER.sub(rf"\1{HIDDEN}", text)
    return _HEADER.sub(rf"\1{HIDDEN}", text)


def hide(secrets: Iterable[str]) -> None:
    """Takes these out of all texts from now on, as they are and as an address has them."""
    for secret in secrets:
        _known.update(each for each in (secret, unquote(secret)) if len(each) >= MIN_LENGTH)


def secrets_of(address: str) -> Iterable[str]:
    """The passwords and tokens in an address."""
    scheme, found, rest = address.partition("://")
    if not found:
        return
    base, _, query = rest.partition("?")
    login, at, _ = base.rpartition("@")
    is_a_path = login.startswith("/") or (scheme in WEB and _HOST_AND_PORT.match(login))
    if at and not is_a_path:
        yield login.partition(":")[2] or login
    for part in re.split("[&;]", query):
        if _PARAMETER.match(f"?{part}"):
            yield part.partition("=")[2]


def redact_tracebacks() -> None:
    """A fault that nobody expected is shown without secrets too."""
    sys.excepthook = _show


def redact_log_records() -> None:
    """Has every log record made without secrets, whatever handler or format it meets."""
    make = logging.getLogRecordFactory()
    if getattr(make, "redacts", False):
        return

    def redacting(*given: Any, **named: Any) -> logging.LogRecord:
        record = make(*given, **named)
        try:
            text = record.getMessage()
        except (TypeError, ValueError):  # a wrong template: logging itself says so
            return record
        if (clean := redacted(text)) != text:
            record.msg, record.args = clean, None
        if record.exc_info and record.exc_info[1] is not None:
            shown = "".join(traceback.format_exception(record.exc_info[1])).rstrip("\n")
            if (clean := redacted(shown)) != shown:
                record.exc_info, record.exc_text = None, clean
        return record

    redacting.redacts = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(redacting)


def _show(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
    sys.stderr.write(redacted("".join(traceback.format_exception(kind, fault, trace))))
