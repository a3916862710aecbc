"""Imported first by every program: handles closed streams, Ctrl-C and low limits in the imports.

An exception to the rule that nothing happens at import, because the imports are what can fail.
Until `process.run_main` takes over, Ctrl-C ends the process without a traceback. A process whose
limits are too low for its libraries ends with one line instead of a library's traceback.
"""

import os
import resource
import signal
import sys
from typing import Final

MIN_ADDRESS_SPACE: Final = 1_000_000 * 1024
"""Bytes. numpy, librdkafka and their threads reserve more memory than they use."""

MIN_OPEN_FILES: Final = 128

EXIT_CODE: Final = 16
"""That of `contract.errors.LimitTooLow`, which may not fit into memory."""


def open_standard_streams() -> None:
    """Opens /dev/null as each standard stream that the parent process has closed.

    Python has None in its place. The first file or socket would get its number, and libraries
    write to that number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one
            os.set_inheritable(opened, True)
            setattr(sys, name, os.fdopen(opened, mode, encoding="utf-8"))


def check_limits() -> None:
    """Restores the default handler of SIGINT. Exits if a limit is too low."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    fault = _too_low(
        resource.RLIMIT_AS, MIN_ADDRESS_SPACE, 1024, "address space in kB (ulimit -v)"
    ) or _too_low(resource.RLIMIT_NOFILE, MIN_OPEN_FILES, 1, "open files (ulimit -n)")
    if fault:
        sys.stderr.write(f"error: {fault}\n")
        sys.exit(EXIT_CODE)


def _too_low(kind: int, minimum: int, unit: int, name: str) -> str:
    soft, hard = resource.getrlimit(kind)
    limit = hard if kind == resource.RLIMIT_NOFILE else soft  # `listener` raises the soft limit
    if limit == resource.RLIM_INFINITY or limit >= minimum:
        return ""
    return f"the limit of {name} is {limit // unit}: raise it to {minimum // unit} or more"


open_standard_streams()
check_limits()
