"""Starts our programs as forks of a process that has imported their libraries already.

Most of what a test waits for when it starts a stage is the import of MLflow and Evidently. A fork
server imports them once. Each program is a fork of it, with the arguments, variables, folder and
open files that it would have had. The program imports our own modules and Prefect itself, for these
read variables when they are imported. What a test is to learn about starting needs a cold start: a
program that is not among these, or `INTENT_TEST_COLD=1`. Linux alone.

How a fork becomes a child of the process that asks: the fork server is that process's child and
forks twice, and the process in between ends at once. The kernel gives the orphan to its nearest
ancestor that is a subreaper, which the asking process is for that moment.
"""

import asyncio
import ctypes
import fcntl
import gc
import importlib
import inspect
import json
import multiprocessing.util
import os
import random
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

LIBRARIES: Final = (
    "confluent_kafka.admin",
    "faust",
    "evidently.presets",
    "mlflow.sklearn",
    "sklearn.ensemble",
    "sklearn.linear_model",
    "pydantic_settings",
    "prometheus_client",
    "uvicorn",
    "fastapi",
    "sqlalchemy.ext.asyncio",
    "alembic.command",
)

MODULES: Final = frozenset(
    {
        "monitoring",
        "producers",
        "stream_app",
        "stream_app.models.compile",
        "tests.support.champion",
        "training",
        "uvicorn",
    }
)
"""Programs that are run with `-m`. There is also `intent`, and what multiprocessing spawns."""

PARENTS: Final = frozenset({"training", "stream_app", "intent"})
"""Those that start others of them: each gets a fork server of its own."""

NAME: Final = "tests.support.warm"
"""Of this module, where it is the one that runs."""

COLD: Final = "INTENT_TEST_COLD"
"""Variable with which nothing is started so."""

ROOM: Final = 32_768
"""Bytes for the command line that `ps` shows of a fork, and for its variables."""

INTENT: Final = str(Path(sys.executable).with_name("intent"))

PARENT_DEATH_WRAPPER: Final = [
    sys.executable,
    "-I",
    "-S",
    str(Path(__file__).parents[2] / "intent" / "local" / "parent_death_wrapper.py"),
]
"""How the command of a process begins that dies with its parent: see there."""

STANDARD: Final = (0, 1, 2)

MOST: Final = 200_000
"""Bytes of a request; the kernel's own limit is a little more."""

PR_SET_PDEATHSIG: Final = 1
PR_SET_CHILD_SUBREAPER: Final = 36


class Request(NamedTuple):
    """What to start.

    Attributes:
        command: the interpreter with `-m` or `-c`, or a script, and the arguments.
        files: numbers that the files sent along have in the program, the standard ones first.
        dies_with: the parent with which the program dies, and by what signal; or nothing.
    """

    command: list[str]
    folder: str
    env: dict[str, str]
    files: list[int]
    new_session: bool = False
    dies_with: tuple[int, int] | None = None

    @property
    def program(self) -> str:
        """The module's name, or the script's."""
        return self.command[2] if self.command[1] == "-m" else Path(self.command[0]).name


class ForkServer:
    """The asking process's end of one."""

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self._pid = pid
        self._connection = connection
        self._lock = threading.Lock()

    @classmethod
    def start(cls, env: Mapping[str, str]) -> Self:
        """A cold one, as a child of this process; to be called in its main thread."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", NAME, str(theirs.fileno()), "-" * ROOM],
                env={**env, "ROOM": "-" * ROOM},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        process.returncode = 0  # waited for in `close`
        return cls(process.pid, ours)

    def fork(self, request: Request, files: list[int]) -> int:
        """Process id of a child of ours that runs this with these files as its standard ones.

        Raises `OSError` if the fork server has ended.
        """
        with self._lock, _subreaper():
            socket.send_fds(self._connection, [json.dumps(request).encode()], files)
            answer = self._connection.recv(64)
        if not answer:
            raise OSError("the process that starts the tests' programs has ended")
        return int(answer)

    def close(self) -> None:
        """Ends it. What it has started goes on."""
        self._connection.close()
        os.waitpid(self._pid, 0)


COLD_POPEN: Final = subprocess.Popen


class Popen(subprocess.Popen):  # type: ignore[type-arg]
    """Has the fork server start our programs, and starts all else as ever."""

    fork_server: ForkServer | None = None
    env: Mapping[str, str] = {}

    def _execute_child(self, *given: Any) -> None:
        start = _signature.bind(self, *given).arguments
        request = _request(start)
        fork_server = None if request is None else self._fork_server()
        if request is None or fork_server is None:
            super()._execute_child(*given)  # type: ignore[misc]
            return
        sys.audit(
            "subprocess.Popen", start["executable"], start["args"], start["cwd"], start["env"]
        )
        pipes = [start[name] for name in ("p2cread", "c2pwrite", "errwrite")]
        try:
            files = [own if pipe == -1 else pipe for own, pipe in zip(STANDARD, pipes, strict=True)]
            self.pid = fork_server.fork(request, files)
            self._child_created = True
        finally:
            ends = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
            self._close_pipe_fds(*(start[end] for end in ends))  # type: ignore[attr-defined]

    @classmethod
    def _fork_server(cls) -> ForkServer | None:
        """It is started with the first program, unless that is started by another thread."""
        if cls.fork_server is None and threading.current_thread() is threading.main_thread():
            cls.fork_server = ForkServer.start(cls.env)
        return cls.fork_server


_signature: Final = inspect.signature(subprocess.Popen._execute_child)  # type: ignore[attr-defined]


def _request(start: Mapping[str, Any]) -> Request | None:
    """None where it has to be a cold start."""
    if isinstance(start["args"], (str, bytes, os.PathLike)):
        return None
    command = list(map(os.fsdecode, start["args"]))
    dies_with = None
    if command[:4] == PARENT_DEATH_WRAPPER:
        dies_with = (int(command[4]), int(command[5]))
        command = command[6:]
    ours = command[:1] == [INTENT] or (
        command[:2] == [sys.executable, "-m"] and command[2] in MODULES
    )
    env = {**(os.environ if start["env"] is None else start["env"])}
    special = ("preexec_fn", "pass_fds", "shell", "executable", "gid", "gids", "uid")
    if (
        not ours
        or any(start[name] not in (None, (), False) for name in special)
        or _for_python(env) != _for_python(Popen.env)
    ):
        return None
    folder = os.fsdecode(start["cwd"] or Path.cwd())
    return Request(command, folder, env, [*STANDARD], start["start_new_session"], dies_with)


def _spawn(path: bytes, command: Sequence[str | bytes], files: Sequence[int]) -> int:
    """In place of multiprocessing's own: its process id."""
    reported = [each for each in map(os.fsdecode, command) if each != "-B"]
    ours = reported[1] == "-c" and "spawn_main" in reported[2]
    fork_server = Popen._fork_server() if ours else None
    if fork_server is None:
        return _cold_spawn(path, command, files)
    numbers = [*STANDARD, *files]
    return fork_server.fork(Request(reported, str(Path.cwd()), {**os.environ}, numbers), numbers)


_cold_spawn: Final = multiprocessing.util.spawnv_passfds


def _for_python(env: Mapping[str, str]) -> dict[str, str]:
    """The variables that an interpreter reads when it starts."""
    return {
        name: value for name, value in env.items() if name.startswith(("PYTHON", "LC_", "LANG"))
    }


@contextmanager
def _subreaper() -> Iterator[None]:
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0)


def install(env: Mapping[str, str]) -> None:
    """From now on this process starts our programs so, unless INTENT_TEST_COLD is set.

    Args:
        env: variables that the libraries read when they are imported.
    """
    if sys.platform == "linux" and not os.environ.get(COLD):
        Popen.env = {**os.environ, **env}
        _replace()


def _replace() -> None:
    subprocess.Popen = Popen  # type: ignore[misc]
    multiprocessing.util.spawnv_passfds = _spawn  # type: ignore[assignment]


def uninstall() -> None:
    """Ends the fork server, if there is one; programs start cold again."""
    subprocess.Popen = COLD_POPEN  # type: ignore[misc]
    multiprocessing.util.spawnv_passfds = _cold_spawn
    if Popen.fork_server is not None:
        Popen.fork_server.close()
        Popen.fork_server = None


def _serve(connection: socket.socket) -> tuple[Request, list[int]] | None:
    """Forks for each request. Returns that in the fork; None once nobody can ask any more."""
    while True:
        asked, files, *_ = socket.recv_fds(connection, MOST, 32)
        if not asked:
            return None
        reading, writing = os.pipe()
        between = os.fork()
        if between == 0:
            between = os.getpid()
            program = os.fork()
            if program:
                os.write(writing, str(program).encode())
                os._exit(0)
            while os.getppid() == between:
                time.sleep(0.0002)
            for end in (reading, writing):
                os.close(end)
            connection.close()
            return Request(*json.loads(asked)), files
        os.waitpid(between, 0)
        connection.send(os.read(reading, 64))
        for end in (reading, writing, *files):
            os.close(end)


def _forked(connection: socket.socket) -> Request | None:
    """As `_serve`; the fork has become what was asked for, with a fork server if it needs one."""
    while True:
        served = _serve(connection)
        if served is None:
            return None
        request, files = served
        if request.new_session:
            os.setsid()
        if request.program not in PARENTS:
            break
        ours, connection = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        parent, fork_server = os.getpid(), os.fork()
        if fork_server:
            connection.close()
            Popen.fork_server = ForkServer(fork_server, ours)
            Popen.env = request.env
            _replace()
            break
        _die_with(parent)
        for end in (ours.detach(), *files):
            os.close(end)
    _become(request, files)
    return request


def _become(request: Request, files: list[int]) -> None:
    """Makes this process what a cold start would have made it."""
    if request.dies_with is not None:
        _die_with(*request.dies_with)
    above = [fcntl.fcntl(file, fcntl.F_DUPFD, 1_000) for file in files]
    for file in files:
        os.close(file)
    for file, number in zip(above, request.files, strict=True):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = sys.__stdin__ = _stream(0, "r", sys.stdin)  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = _stream(1, "w", sys.stdout)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _stream(2, "w", sys.stderr)  # type: ignore[misc]
    os.chdir(request.folder)
    for name in [each for each in sys.modules if each.partition(".")[0] == "tests"]:
        del sys.modules[name]  # it may be those of another folder that the program imports
    sys.modules[NAME] = sys.modules["__main__"]  # which has what starts its programs
    os.environ.clear()
    os.environ.update(request.env)
    time.tzset()
    by_python = request.command[0] == sys.executable
    sys.argv = request.command[2 if by_python else 0 :]
    sys.path[0] = request.folder if by_python else str(Path(request.command[0]).parent)
    shown = request.command if by_python else [sys.executable, *request.command]
    _show(shown, request.env)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    random.seed()
    sys.modules["numpy"].random.seed()


def _stream(number: int, mode: str, before: Any) -> Any:
    """A standard stream; that of the fork server may hold what this process has not said."""
    buffering = 1 if number == STANDARD[-1] else -1
    return open(number, mode, buffering, before.encoding, before.errors, closefd=False)


def _show(command: list[str], env: Mapping[str, str]) -> None:
    """Makes `/proc` and `ps` show this command and these variables, not the fork server's."""
    fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    shown = (command, [f"{name}={value}" for name, value in env.items()])
    for first, words in zip((45, 47), shown, strict=True):  # where each begins, and next its end
        begin, end = int(fields[first]), int(fields[first + 1])
        text = b"".join(os.fsencode(word) + b"\0" for word in words)[: end - begin - 1]
        ctypes.memmove(begin, text.ljust(end - begin, b"\0"), end - begin)


def _die_with(parent: int, number: int = signal.SIGKILL) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os._exit(128 + number)


def _prepare(connection: socket.socket) -> Request | None:
    """A fork server, from its cold start on."""
    _die_with(os.getppid())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # of a group that it shares with others
    for library in LIBRARIES:
        importlib.import_module(library)
    started = threading.enumerate()
    if len(started) > 1:
        raise RuntimeError(f"a library starts threads, which a fork would not have: {started}")
    gc.collect()
    for each in gc.get_objects():  # Evidently makes one, whose descriptor all forks would share
        if isinstance(each, asyncio.AbstractEventLoop):
            each.close()
    gc.freeze()
    return _forked(connection)


def _run(command: list[str]) -> None:
    """As the interpreter does: to be called where nothing else is under way."""
    match command:
        case [_, "-m", module, *_] if command[0] == sys.executable:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        case [_, "-c", code, *_] if command[0] == sys.executable:
            sys.argv = ["-c", *command[3:]]
            exec(code, {"__name__": "__main__"})  # noqa: S102  it is multiprocessing's
        case _:
            runpy.run_path(command[0], run_name="__main__")


if __name__ == "__main__":
    asked = _prepare(socket.socket(fileno=int(sys.argv[1])))
    if asked is not None:
        _run(asked.command)
