"""Slow, broken and misdirected requests to every HTTP server: none of them takes a stage down."""

import logging
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from http.client import HTTPConnection, HTTPException

import pytest

from contract import listener
from contract.http_access import AccessPolicy
from tests.security.servers import HOST, SERVERS
from tests.support.builders import eventually

Server = Callable[..., AbstractContextManager[int]]

LIMIT = 4

TOKEN = "hush"  # noqa: S105  of a server that lives for a test

UNFINISHED_HEADER = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
UNFINISHED_BODY = (
    b"POST /records HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
)


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr(listener, "MAX_CONNECTIONS", LIMIT)
    return SERVERS[request.param]


def get(port: int, path: str = "/healthz", **headers: str) -> tuple[int, bytes]:
    connection = HTTPConnection(HOST, port, timeout=60)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, HTTPException):
        return 0, b""
    finally:
        connection.close()


def opened(port: int, stack: ExitStack, sent: bytes) -> socket.socket:
    connection = stack.enter_context(socket.create_connection((HOST, port), timeout=60))
    connection.sendall(sent)
    return connection


def is_closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        while connection.recv(4096):
            continue
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def asked(port: int, request: bytes) -> bytes:
    with socket.create_connection((HOST, port), timeout=60) as connection:
        answer = b""
        try:
            connection.sendall(request)
            while part := connection.recv(4096):
                answer += part
        except ConnectionError:  # it has not read all that we sent
            pass
        return answer


@pytest.mark.parametrize("sent", [UNFINISHED_HEADER, UNFINISHED_BODY])
def test_slow_connections_do_not_block_a_health_check(server: Server, sent: bytes) -> None:
    with server() as port, ExitStack() as stack:
        slow = [opened(port, stack, sent) for _ in range(4 * LIMIT)]
        eventually(lambda: get(port)[0] == 200)
        eventually(lambda: sum(not is_closed(each) for each in slow) < LIMIT)


@pytest.mark.parametrize("sent", [UNFINISHED_HEADER, UNFINISHED_BODY])
def test_incomplete_request_times_out(
    server: Server, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "STALLED_AFTER", 0.5)
    with server() as port, ExitStack() as stack:
        slow = opened(port, stack, sent)

        def drips() -> bool:
            if is_closed(slow):
                return True
            slow.send(b"x")
            return False

        eventually(drips)


def closing(request: bytes) -> bytes:
    """The request, whose connection the server closes after it: otherwise it does so later."""
    if b"Connection:" in request:
        return request
    return request.replace(b"Host: a\r\n", b"Host: a\r\nConnection: close\r\n", 1)


SERVER_FAULTS = (b"HTTP/1.0 5", b"HTTP/1.1 5")

BAD_REQUESTS = {
    "authorization": b"GET /metrics HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
    "basic": b"GET /metrics HTTP/1.1\r\nHost: a\r\nAuthorization: Basic \xff\xfe\r\n\r\n",
    "long line": b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "long header": b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 20_000 + b"\r\n",
    "nul in the path": b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
    "nul in a header": b"GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
    "encoded nul": b"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n",
    "encoded nul in a file": b"GET /reports/%00 HTTP/1.1\r\nHost: a\r\n\r\n",
    "no UTF-8": b"GET /%ff%fe HTTP/1.1\r\nHost: a\r\n\r\n",
    "raw bytes": b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
    "version": b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    "no version": b"GET /metrics\r\n\r\n",
    "accept": b"GET /metrics HTTP/1.1\r\nHost: a\r\n"
    b"Accept: application/openmetrics-text;version=x\r\nAccept-Encoding: gzip;q=x\r\n\r\n",
    "names": b"GET /metrics?name[]=%ff HTTP/1.1\r\nHost: a\r\n\r\n",
    "long number": b"GET /windows/" + b"9" * 5_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "large number": b"GET /windows/" + b"9" * 400 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "status line": b"HTTP/1.1 200 OK\r\n\r\n",
    "garbage": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n",
    "host": b"GET /metrics HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n",
    "two hosts": b"GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "length": b"POST /records HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    "chunk": b"POST /records HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "method": b"\xff\xfe / HTTP/1.1\r\nHost: a\r\n\r\n",
    "address": b"GET http://[ HTTP/1.1\r\nHost: a\r\n\r\n",
    "port": b"GET http://a:b/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "upgrade": b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
    b"Content-Length: 0\r\n\r\n",
}


def test_a_bad_request_is_the_client_s_fault(
    server: Server,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listener, "STALLED_AFTER", 1.0)
    with server(listen_token=TOKEN) as guarded, server() as port:
        answers = {
            (name, each): asked(each, closing(request))
            for name, request in BAD_REQUESTS.items()
            for each in (guarded, port)
        }
        assert get(guarded)[0] == get(port)[0] == 200
    faults = [name for name, each in answers.items() if each[:10].startswith(SERVER_FAULTS)]
    assert faults == []
    output = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    # of the loop of another test's server, which is gone
    assert [each for each in output if not each.startswith("Task was destroyed")] == []
    assert "Traceback" not in capsys.readouterr().err


def test_without_a_token_only_its_own_names_reach_a_server(server: Server) -> None:
    with server(listen_allowed_hosts="pages.example, other.example") as port:
        for path in ("/metrics", "/", "/events", "/healthz"):
            assert get(port, path, Host=f"evil.example:{port}")[0] == 403
        assert get(port, "/metrics", Host="Pages.example:80")[0] == 200


def test_with_the_token_any_name_does_but_for_probes(server: Server) -> None:
    token = {"Authorization": f"Bearer {TOKEN}"}
    with server(listen_token=TOKEN) as port:
        assert get(port, "/metrics", Host="evil.example", **token)[0] == 200
        assert get(port, "/metrics", Host="evil.example")[0] == 401
        assert get(port, "/healthz", Host="evil.example")[0] == 403


@pytest.mark.parametrize(
    "host",
    [None, "localhost", "localhost:8002", "127.0.0.1:8001", "[::1]:8001", "10.1.2.3", "scorer",
     "scorer:8001", "a.localhost", "host.docker.internal", "intent-scorer.prod.svc:8001",
     "x.y.svc.cluster.local"],
)  # fmt: skip
def test_local_names_are_trusted(host: str | None) -> None:
    assert AccessPolicy().is_trusted_host(host)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8001", "127.0.0.1.evil.example", "localhost.evil.example",
     "EVIL.EXAMPLE.", "svc.evil.example", "\udcff.x"],
)  # fmt: skip
def test_other_names_are_not_trusted(host: str) -> None:
    assert not AccessPolicy().is_trusted_host(host)


def test_probes_and_unknown_paths_get_no_metrics(server: Server) -> None:
    with server() as port:
        assert get(port, "/metrics")[0] == 200
        for path in ("/healthz", "/readyz", "/favicon.ico", "/x/metrics", "/metrics/x"):
            assert b"# TYPE" not in get(port, path)[1]
