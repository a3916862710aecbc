"""Imported first by every program of ours: what ends it before `process.run` could say so.

An exception to the rule that nothing happens at import: the imports are what must be guarded. Until
`process.run` takes over, Ctrl-C ends the process without a traceback, and a process whose limits
are too low for our libraries says that in one line instead of theirs.
"""

import resource
import signal
import sys
from typing import Final

MIN_ADDRESS_SPACE: Final = 1_000_000 * 1024
"""Bytes. numpy, librdkafka and their threads reserve more than they use."""

MIN_OPEN_FILES: Final = 128

EXIT_CODE: Final = 16
"""Of `contract.errors.LimitTooLow`, whose module may be too large to import by now."""


def guard() -> None:
    """Sets what is said above. Exits where a limit is too low."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    fault = _too_low(
        resource.RLIMIT_AS, MIN_ADDRESS_SPACE, 1024, "address space in kB (ulimit -v)"
    ) or _too_low(resource.RLIMIT_NOFILE, MIN_OPEN_FILES, 1, "open files (ulimit -n)")
    if fault:
        sys.stderr.write(f"error: {fault}\n")
        sys.exit(EXIT_CODE)


def _too_low(kind: int, minimum: int, unit: int, words: str) -> str:
    soft, hard = resource.getrlimit(kind)
    limit = hard if kind == resource.RLIMIT_NOFILE else soft  # that one is raised, see `listener`
    if limit == resource.RLIM_INFINITY or limit >= minimum:
        return ""
    return f"the limit of {words} is {limit // unit}: raise it to {minimum // unit} or more"


guard()
