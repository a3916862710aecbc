"""Removes secrets from logs, errors and tracebacks: logins in URLs, and the secrets of settings.

URLs are matched by pattern, and rather too much than too little, because a password may contain any
character. Secrets of settings are known exactly and removed wherever they occur.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Final
from urllib.parse import unquote

MASK: Final = "***"

_LOGIN: Final = re.compile(
    r"""(?<=://)(?!\[)(?:
        [^/@:\s'"]*:(?!\d{1,5}(?:[/\s'",;)?#]|$))(?:(?!://)[^\n])*?@(?:[^\s/'"]*@)?  # a login
        |[^/@:\s'"]+@  # a token
    )""",
    re.VERBOSE,
)
"""A number after the colon is a port. Of several @, the last one ends the login."""

_PARAMETER: Final = re.compile(
    r"""([?&;][\w.%-]*(?:passw|pwd|token|secret|api_?key|access_?key|signature|credential)[\w.%-]*=)
    [^&;\s"]+""",
    re.IGNORECASE | re.VERBOSE,
)

_HEADER: Final = re.compile(
    r"""(authorization['"]?\s*[:=,]\s*b?['"]?(?:bearer|basic)\s+)[^\s'"]+""", re.IGNORECASE
)

_HOST_AND_PORT: Final = re.compile(r"[^/@:]*(?::\d{1,5})?/")

HTTP_SCHEMES: Final = ("http", "https")

MIN_SECRET_LENGTH: Final = 6
"""A shorter secret may be part of ordinary words."""

_secrets: set[str] = set()


def redact(text: str) -> str:
    """Returns the text with `***` in place of its secrets."""
    for secret in _secrets:
        text = text.replace(secret, MASK)
    if "://" in text:
        text = _LOGIN.sub(f"{MASK}@", text)
    text = _PARAMETER.sub(rf"\1{MASK}", text)
    return _HEADER.sub(rf"\1{MASK}", text)


def register_secrets(secrets: Iterable[str]) -> None:
    """Makes `redact` mask these texts, also in their percent-encoded form."""
    for secret in secrets:
        forms = (secret, unquote(secret))
        _secrets.update(form for form in forms if len(form) >= MIN_SECRET_LENGTH)


def secrets_in_url(url: str) -> Iterable[str]:
    """Yields the passwords and tokens in a URL."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return
    base, _, query = rest.partition("?")
    login, at, _ = base.rpartition("@")
    is_a_path = login.startswith("/") or (scheme in HTTP_SCHEMES and _HOST_AND_PORT.match(login))
    if at and not is_a_path:
        yield login.partition(":")[2] or login
    for part in re.split("[&;]", query):
        if _PARAMETER.match(f"?{part}"):
            yield part.partition("=")[2]


def redact_tracebacks() -> None:
    """Removes secrets from the traceback of an uncaught exception."""
    sys.excepthook = _print_redacted


def redact_log_records() -> None:
    """Removes secrets from every log record when it is created, before any handler sees it."""
    make = logging.getLogRecordFactory()
    if getattr(make, "redacts", False):
        return

    def redacting(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        try:
            text = record.getMessage()
        except (TypeError, ValueError):  # wrong arguments: logging itself reports them
            return record
        if (clean := redact(text)) != text:
            record.msg, record.args = clean, None
        if record.exc_info and record.exc_info[1] is not None:
            text = "".join(traceback.format_exception(record.exc_info[1])).rstrip("\n")
            if (clean := redact(text)) != text:
                record.exc_info, record.exc_text = None, clean
        return record

    redacting.redacts = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(redacting)


def _print_redacted(
    exception_type: type[BaseException], fault: BaseException, trace: TracebackType | None
) -> None:
    sys.stderr.write(redact("".join(traceback.format_exception(exception_type, fault, trace))))
