"""An `intent` for shells, which the process of the tests starts warm (`tests/support/warm.py`).

A shell finds a small script in its place. The script sends its arguments, variables, folder and
standard streams, and ends with the exit code of the program. The program ends with the script.
"""

import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Final

from tests.support.warm import INTENT, MOST

SCRIPT: Final = """\
#!{python} -IS
import json, os, socket, sys

server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
server.connect({address!r})
request = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)])
socket.send_fds(server, [request.encode()], [0, 1, 2])
sys.exit(server.recv(1)[0])
"""


@contextmanager
def warm_intent(script: Path) -> Iterator[None]:
    """Writes the script. It works until the end of the context, on Linux."""
    address = str(script.with_suffix(".socket"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(address)
        listener.listen()
        script.write_text(SCRIPT.format(python=sys.executable, address=address), "utf-8")
        script.chmod(0o755)
        Thread(target=_accept, args=[listener], daemon=True).start()
        yield
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # shut down
        Thread(target=_run, args=[connection], daemon=True).start()


def _run(connection: socket.socket) -> None:
    with connection:
        request, streams, *_ = socket.recv_fds(connection, MOST, 3)
        arguments, folder, env = json.loads(request)
        stdin, stdout, stderr = streams
        with subprocess.Popen(
            [INTENT, *arguments], cwd=folder, env=env, stdin=stdin, stdout=stdout, stderr=stderr
        ) as process:
            for stream in streams:
                os.close(stream)
            _await_one_end(connection, process)
        code = process.returncode
        with suppress(BrokenPipeError):
            connection.send(bytes([code if code >= 0 else 128 - code]))


def _await_one_end(connection: socket.socket, process: "subprocess.Popen[bytes]") -> None:
    """Ends the program if the script has ended first."""
    end = os.pidfd_open(process.pid)
    select.select([end, connection.fileno()], [], [])
    os.close(end)
    if process.poll() is None:
        process.terminate()
