"""A process raises its limit of open files, and a server takes its share of them."""

import socket
import subprocess
import sys
from contextlib import ExitStack

import pytest

from contract import listener
from contract.listener import Listener

PROGRAM = """
import resource
from contract import listener
from contract.process import run_main
run_main(lambda: print(*resource.getrlimit(resource.RLIMIT_NOFILE), listener.max_connections()))
"""


def test_a_process_may_open_as_many_files_as_the_system_lets_it() -> None:
    limited = ["bash", "-c", 'ulimit -Sn 100; ulimit -Hn 400; exec "$@"', "bash"]
    done = subprocess.run(
        [*limited, sys.executable, "-c", PROGRAM], capture_output=True, check=True, text=True
    )
    assert done.stdout.split() == ["400", "400", "100"]


@pytest.mark.parametrize("answer_time", [60.0, 0.0])
def test_a_new_connection_is_answered_although_all_others_were(
    monkeypatch: pytest.MonkeyPatch, answer_time: float
) -> None:
    monkeypatch.setattr(listener, "ANSWER_TIME", answer_time)
    with ExitStack() as stack:
        server = stack.enter_context(Listener("127.0.0.1", 0, limit=2))
        server.listen()
        for _ in range(4):
            stack.enter_context(socket.create_connection(server.getsockname(), timeout=60))
        answered = [stack.enter_context(server.accept()[0]) for _ in range(2)]
        for connection in answered:
            connection.sendall(b"x")
        with pytest.raises(BlockingIOError):
            server.accept()
        answered[0].close()
        new = stack.enter_context(server.accept()[0])
        with pytest.raises(BlockingIOError):
            server.accept()
        aborted = [each for each in (answered[1], new) if each.aborted]  # type: ignore[attr-defined]
        assert aborted == ([answered[1]] if answer_time else [new])
