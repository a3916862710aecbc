"""Entry point of every program: signals, exit codes, error lines and listening sockets."""

import errno
import getpass
import os
import signal
import socket
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from typing import Final, NoReturn

from prometheus_client import CollectorRegistry

from contract.errors import LimitTooLow, NotInstalled, PipelineError, PortTaken, StorageFailed
from contract.http_access import AccessPolicy
from contract.listener import Listener, raise_file_limit
from contract.logs import limit_repeated_lines
from contract.metrics_server import start_metrics_server
from contract.proxies import bypass_proxies
from contract.redaction import redact, redact_log_records, redact_tracebacks

_LIMIT_MESSAGES: Final = {
    errno.EMFILE: "this process has no more file descriptors: raise `ulimit -n`",
    errno.ENFILE: "this machine has no more file descriptors: raise fs.file-max",
    errno.ENOMEM: "out of memory: free some, or raise `ulimit -v` or the container's limit",
}
_STORAGE_ERRORS: Final = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS)

UMASK: Final = 0o077
"""Of every process and its children: files hold customers' data."""


def run_main(main: Callable[[], None]) -> NoReturn:
    """Runs a program's main function and exits.

    The exit code is 0, that of the `PipelineError`, 130 after Ctrl-C, or 1 after a bug. An error is
    printed as one line; with INTENT_DEBUG=1 its traceback comes first.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:  # see `contract.startup`
        signal.signal(signal.SIGINT, signal.default_int_handler)
    redact_tracebacks()
    redact_log_records()
    os.umask(UMASK)
    raise_file_limit()
    limit_repeated_lines()
    bypass_proxies()
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except Exception as fault:  # noqa: BLE001  a bug ends the process too, in one line
        if _is_interrupt(fault):
            sys.exit(128 + signal.SIGINT)
        error = _as_pipeline_error(fault)
        if os.environ.get("INTENT_DEBUG", "0") != "0":
            sys.stderr.write(_format_traceback(fault))
        _print_error(error)
        sys.exit(error.exit_code)
    sys.exit(0)


def exit_with_error(fault: Exception) -> NoReturn:
    """Prints the error's line and ends the process at once, from any thread."""
    error = _as_pipeline_error(fault)
    _print_error(error)
    os._exit(error.exit_code)


def _is_interrupt(fault: BaseException | None) -> bool:
    """Whether Ctrl-C caused it: numpy turns one during its import into an `ImportError`."""
    while fault is not None:
        if isinstance(fault, KeyboardInterrupt):
            return True
        fault = fault.__cause__ or fault.__context__
    return False


def _as_pipeline_error(fault: Exception) -> PipelineError:
    """The error that the user sees, with its exit code."""
    if isinstance(fault, PipelineError):
        return fault
    if isinstance(fault, OSError) and fault.errno in _STORAGE_ERRORS:
        return StorageFailed(
            f"cannot write to {fault.filename or 'the disk'} ({fault.strerror}): "
            "free space or change permissions, or set INTENT_DATA_DIR to another folder"
        )
    code = errno.ENOMEM if isinstance(fault, MemoryError) else getattr(fault, "errno", None)
    if code in _LIMIT_MESSAGES:
        return LimitTooLow(_LIMIT_MESSAGES[code])
    if type(fault).__module__ == "builtins" and isinstance(fault, OSError) and fault.filename:
        return StorageFailed(
            f"cannot use {fault.filename} ({fault.strerror}): check the file and its disk"
        )
    if isinstance(fault, ModuleNotFoundError):
        return NotInstalled(
            f"{fault.name} is not installed: install intent-stream with the extras that this "
            "command needs, as in "
            "`pip install 'intent-stream[scorer,monitoring,training,local]'`"
        )
    return _bug_report(fault)


def _bug_report(fault: Exception) -> PipelineError:
    """An unexpected exception. Its traceback goes to a file that the line names."""
    text = " ".join(f"{type(fault).__name__}: {fault}".split())
    frame = traceback.extract_tb(fault.__traceback__)[-1]
    file = _write_temporary(_format_traceback(fault))
    return PipelineError(
        f"a bug ({text} at {frame.filename}:{frame.lineno}): report it"
        f"{f' with {file}' if file else ''}, or set INTENT_DEBUG=1 to see the traceback"
    )


def _format_traceback(fault: Exception) -> str:
    return redact("".join(traceback.format_exception(fault)))


def _write_temporary(text: str) -> str | None:
    """The path of a new file with the text; None if it cannot be written."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="intent-fault-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
            return file.name
    except OSError:
        return None


def _print_error(error: PipelineError) -> None:
    print(f"error: {error}", file=sys.stderr, flush=True)


def current_user() -> str:
    """The user and the host that run this process, `user@host`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may run as a user id without a name
        user = "unknown"
    return f"{user}@{socket.gethostname()}"


class _SignalEvent(threading.Event):
    """An event that a signal handler may set while the main thread is inside `wait`.

    The handler runs in the main thread. The lock of a plain event is not reentrant, so the handler
    would deadlock on it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._cond = threading.Condition(threading.RLock())


def stop_on_signal() -> threading.Event:
    """Returns an event that SIGTERM and SIGINT set.

    Call it from the main thread. Wait for the event with a timeout there.
    """
    stop = _SignalEvent()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def serve_metrics(
    registry: CollectorRegistry, host: str, port: int, access: AccessPolicy
) -> Callable[[], None]:
    """Serves /metrics, /healthz and /readyz from a thread; returns a function that stops it.

    Raises:
        PortTaken: The port is in use.
    """
    return start_metrics_server(registry, bind_listener(host, port), access)


def bind_listener(host: str, port: int, stalled_after: float | None = None) -> Listener:
    """Binds the socket of an HTTP server.

    Args:
        host: Name or address.
        port: Port.
        stalled_after: Seconds without a byte sent after which a connection is closed.

    Raises:
        PortTaken: The port is in use.
    """
    try:
        return Listener(host, port, stalled_after=stalled_after)
    except OSError as error:
        raise port_in_use(host, port, error) from None


def check_port(host: str, port: int) -> None:
    """Raises `PortTaken` if a server could not listen, before anything else is started."""
    bind_listener(host, port).close()


def port_in_use(host: str, port: int, error: OSError) -> PipelineError:
    """The error for a port that cannot be listened on."""
    return PortTaken(
        f"cannot listen on {host}:{port} ({error.strerror}): "
        "stop the program that uses the port, or set another port"
    )
