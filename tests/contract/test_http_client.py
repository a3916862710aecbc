"""Every request ends in time: with a body, or with an `OSError`."""

from urllib.error import HTTPError

import pytest

from contract import http_client
from contract.http_client import fetch
from tests.support.raw_server import BROKEN_RESPONSES, OK, raw_server

GOOD = OK + b"Content-Length: 2\r\n\r\n{}"


def test_response_is_returned_as_its_body() -> None:
    with raw_server(GOOD) as address:
        assert fetch(address, timeout=60) == b"{}"


def test_error_response_has_its_status_and_body() -> None:
    with raw_server(b"HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\ngone") as address:
        with pytest.raises(HTTPError) as refused:
            fetch(address, timeout=60)
        assert (refused.value.code, refused.value.read()) == (404, b"gone")


@pytest.mark.parametrize("answer", BROKEN_RESPONSES.values(), ids=BROKEN_RESPONSES)
def test_malformed_response_is_an_os_error(answer: bytes) -> None:
    with raw_server(answer) as address, pytest.raises(OSError):  # noqa: PT011
        fetch(address, timeout=60)


@pytest.mark.parametrize(
    ("answer", "drips"),
    [(b"", b"H"), (OK, b"X: x\r\n"), (OK + b"X: ", b"x"), (OK + b"\r\n", b"x")],
    ids=["status", "headers", "header", "body"],
)
def test_slow_response_times_out(answer: bytes, drips: bytes) -> None:
    message = r"no complete answer within 0\.5 s"
    with raw_server(answer, drips=drips) as address, pytest.raises(TimeoutError, match=message):
        fetch(address, timeout=0.5)


def test_endless_response_exceeds_the_size_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "MAX_BODY_BYTES", 5_000)
    endless = raw_server(OK + b"\r\n", drips=b"x" * 1_000)
    with endless as address, pytest.raises(OSError, match="more than 5000 bytes"):
        fetch(address, timeout=60)


def test_slow_tls_handshake_times_out() -> None:
    slow = raw_server(b"\x16\x03\x03\x40\x00", drips=b"\x00")
    with slow as address, pytest.raises(TimeoutError):
        fetch(address.replace("http:", "https:"), timeout=0.5)


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_loopback_is_requested_without_a_proxy(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:1")
    with raw_server(GOOD) as address:
        assert fetch(address, timeout=60) == b"{}"
        assert fetch(address.replace("127.0.0.1", "localhost"), timeout=60) == b"{}"
