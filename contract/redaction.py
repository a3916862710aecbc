"""Takes the login out of addresses, in whatever is said: `scheme://user:password@host`."""

import re
import sys
import traceback
from types import TracebackType
from typing import Final

LOGIN: Final = re.compile(r"(?<=://)[^/@\s'\"]*:[^/\s'\"]*@")
"""A password may hold an @, so the last one before the path counts."""

HIDDEN: Final = "***@"


def redacted(text: str) -> str:
    """The text without logins in addresses. Other secrets are `SecretStr`s, which never show."""
    return LOGIN.sub(HIDDEN, text) if "://" in text else text


def redact_tracebacks() -> None:
    """A fault that nobody expected is shown without logins too."""
    sys.excepthook = _show


def _show(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
    sys.stderr.write(redacted("".join(traceback.format_exception(kind, fault, trace))))
