"""What every stage's process does alike: logs, stop signals, errors in one line, metrics."""

import errno
import json
import logging
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn

from prometheus_client import CollectorRegistry

from contract import proxies
from contract.errors import LimitTooLow, NotInstalled, PipelineError, PortTaken, StorageFailed
from contract.guard import Guard
from contract.listener import Listener, raise_file_limit
from contract.log_limit import limit_repeats
from contract.metrics_server import start
from contract.redaction import redact_log_records, redact_tracebacks, redacted

_LIMITS: Final = {
    errno.EMFILE: "this process may not open more files: raise `ulimit -n`",
    errno.ENFILE: "this machine may not open more files: raise fs.file-max",
    errno.ENOMEM: "there is no more memory: free some, or raise `ulimit -v` or the container's",
}
_STORAGE: Final = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS)

PRIVATE: Final = 0o077
"""Umask of every process of ours and of what it starts: files hold customers' data."""


def run(main: Callable[[], None]) -> NoReturn:
    """Runs a process's main function and exits: 0, or the error's code after its one line.

    With INTENT_DEBUG=1 the traceback comes before the line.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:  # see `contract.startup`
        signal.signal(signal.SIGINT, signal.default_int_handler)
    redact_tracebacks()
    redact_log_records()
    os.umask(PRIVATE)
    raise_file_limit()
    limit_repeats()
    proxies.bypass()
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except Exception as fault:  # noqa: BLE001  a bug ends the process too, in one line
        if _interrupted(fault):
            sys.exit(128 + signal.SIGINT)
        error = _in_words(fault)
        if os.environ.get("INTENT_DEBUG", "0") != "0":
            sys.stderr.write(_trace(fault))
        _say(error)
        sys.exit(error.exit_code)
    sys.exit(0)


def _interrupted(fault: BaseException | None) -> bool:
    """Whether Ctrl-C is behind it: numpy makes an `ImportError` of one in its import."""
    while fault is not None:
        if isinstance(fault, KeyboardInterrupt):
            return True
        fault = fault.__cause__ or fault.__context__
    return False


def _in_words(fault: Exception) -> PipelineError:
    """A fault as the user is told of it."""
    if isinstance(fault, PipelineError):
        return fault
    if isinstance(fault, OSError) and fault.errno in _STORAGE:
        return StorageFailed(
            f"cannot write to {fault.filename or 'the disk'} ({fault.strerror}): "
            "free or permit it, or set INTENT_DATA_DIR to another folder"
        )
    limit = errno.ENOMEM if isinstance(fault, MemoryError) else getattr(fault, "errno", None)
    if limit in _LIMITS:
        return LimitTooLow(_LIMITS[limit])
    if isinstance(fault, ModuleNotFoundError):
        return NotInstalled(
            f"{fault.name} is not installed: install intent-stream with what this command needs, "
            "as in `pip install 'intent-stream[scorer,monitoring,training,local]'`"
        )
    return _bug(fault)


def _bug(fault: Exception) -> PipelineError:
    """Nobody expected it: its traceback is kept in a file, for whoever mends it."""
    told = f"{type(fault).__name__}: {fault}"
    where = traceback.extract_tb(fault.__traceback__)[-1]
    what = f"{' '.join(told.split())} at {where.filename}:{where.lineno}"
    kept = _keep(_trace(fault))
    return PipelineError(
        f"a bug ({what}): report it{f' with {kept}' if kept else ''}, or set INTENT_DEBUG=1 to see "
        "how it came about"
    )


def _trace(fault: Exception) -> str:
    return redacted("".join(traceback.format_exception(fault)))


def _keep(text: str) -> str | None:
    """The file that holds the text now; None where no file can be written."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="intent-fault-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
            return file.name
    except OSError:
        return None


def end(fault: Exception) -> NoReturn:
    """Ends the process after the fault's one line: from any thread, whatever the others do."""
    error = _in_words(fault)
    _say(error)
    os._exit(error.exit_code)


def configure_logs(level: str, log_format: str = "text") -> None:
    """Writes log records to standard error, as `text` lines or as a line of `json` each.

    Secrets are redacted. Times are ISO 8601 in UTC, with milliseconds.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_Json() if log_format == "json" else _Text())
    logging.basicConfig(level=level, handlers=[handler], force=True)


class _Text(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        del datefmt
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


class _SignalEvent(threading.Event):
    """An event that a signal handler may set while the main thread is inside `wait`.

    The lock of a plain event is not reentrant: the handler, which runs in the main thread, would
    wait for ever for what that thread itself holds.
    """

    def __init__(self) -> None:
        super().__init__()
        self._cond = threading.Condition(threading.RLock())


class _Json(_Text):
    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        trace = record.exc_text or (record.exc_info and self.formatException(record.exc_info))
        if trace:  # the text alone, where it was redacted when it was logged
            fields["traceback"] = redacted(trace)
        return json.dumps(fields, ensure_ascii=False)


def stop_on_signal() -> threading.Event:
    """An event that SIGTERM and SIGINT set.

    Call it from the main thread. If that waits for the event, then with a timeout.
    """
    stop = _SignalEvent()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def writable_folder(path: Path) -> Path:
    """The folder, made if need be. Raises `StorageFailed` where nothing can be written."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StorageFailed(
            f"cannot write to the folder {path} ({error.strerror}): "
            "permit it, or set INTENT_DATA_DIR to another one"
        ) from None
    return path


def serve_metrics(
    registry: CollectorRegistry, host: str, port: int, guard: Guard
) -> Callable[[], None]:
    """Serves /metrics to those whom the guard admits; returns what stops it. Raises `PortTaken`."""
    return start(registry, listener(host, port), guard)


def listener(host: str, port: int, stalled_after: float | None = None) -> Listener:
    """A bound socket for a server of pages or metrics. Raises `PortTaken`."""
    try:
        return Listener(host, port, stalled_after=stalled_after)
    except OSError as error:
        raise port_error(host, port, error) from None


def check_port(host: str, port: int) -> None:
    """Raises `PortTaken` where a server could not listen, before anything else is started."""
    listener(host, port).close()


def port_error(host: str, port: int, error: OSError) -> PipelineError:
    """What to tell the user when listening on host:port failed."""
    return PortTaken(
        f"cannot listen on {host}:{port} ({error.strerror}): "
        "stop what uses the port, or set another"
    )


def _say(error: PipelineError) -> None:
    print(f"error: {error}", file=sys.stderr, flush=True)
