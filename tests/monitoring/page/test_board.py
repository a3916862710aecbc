"""One look a second, whoever and however many look on; and one that reads nothing is let go."""

import socket
import threading
import time
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection
from itertools import count

import pytest

from monitoring.live.live import Now
from monitoring.pages import board as boards
from monitoring.pages import stream
from tests.support.builders import eventually
from tests.support.pages import NOTHING, Client, a_summary, client


class Ear(threading.Thread):
    """Hears the page's events until it is told enough."""

    def __init__(self, own: Client) -> None:
        super().__init__(daemon=True)
        self._connection = HTTPConnection("127.0.0.1", own.port, timeout=10)
        self.heard: list[str] = []
        self.ended = False
        self.start()

    def run(self) -> None:
        with closing(self._connection) as connection:
            connection.request("GET", "/events")
            with connection.getresponse() as answer:
                while line := answer.readline():
                    if line.startswith(b"event: "):
                        self.heard.append(line.decode().split()[1])
        self.ended = True

    def leave(self) -> None:
        """Is there no more."""
        if self._connection.sock:
            self._connection.sock.shutdown(socket.SHUT_RDWR)
        self.join()


def looks(number: "count[int]") -> Now:
    """What is new at every look."""
    return Now((), [], str(next(number)), "1")


def test_all_clients_share_one_look() -> None:
    number = count()
    with client(replace(NOTHING, now=lambda: looks(number)), every=0.2) as own:
        ears = [Ear(own) for _ in range(8)]
        eventually(lambda: all(len(each.heard) > 8 for each in ears))
        seen = next(number)
        most = max(each.heard.count("now") for each in ears)
        for each in ears:
            each.leave()
    assert most <= seen <= most + 3


def test_nobody_looks_while_nobody_is_there() -> None:
    number = count()
    with client(replace(NOTHING, now=lambda: looks(number)), every=0.05) as own:
        ear = Ear(own)
        eventually(lambda: ear.heard)
        ear.leave()
        eventually(lambda: own.board.clients == 0)
        before = next(number)
        time.sleep(0.5)  # ten looks' time, in which nothing may happen
        assert next(number) <= before + 2


def test_what_stays_as_it_is_is_sent_once() -> None:
    number = count()
    sources = replace(NOTHING, now=lambda: looks(number), summaries=lambda: [a_summary()])
    with client(sources, every=0.05) as own:
        ear = Ear(own)
        eventually(lambda: ear.heard.count("now") > 5)
        assert ear.heard.count("window") == 1
        assert ear.heard.count("letters") == 1
        late = Ear(own)
        eventually(lambda: late.heard.count("now") > 1)
        assert late.heard.count("window") == 1
        ear.leave()
        late.leave()


def test_a_client_that_reads_nothing_is_let_go_and_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream, "SLOWEST", 0.5)
    number = count()

    def much() -> Now:
        return Now((), [], f"{next(number)}" + "x" * 500_000, "1")

    with client(replace(NOTHING, now=much), every=0.05) as own, socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.connect(("127.0.0.1", own.port))
        deaf.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        eventually(lambda: own.board.clients == 1)
        ear = Ear(own)
        eventually(lambda: own.board.clients == 1 and ear.heard.count("now") > 5)
        before = ear.heard.count("now")
        eventually(lambda: ear.heard.count("now") > before)
        ear.leave()


def test_there_is_an_end_to_how_many_may_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "MOST_CLIENTS", 2)
    with client(every=0.05) as own:
        ears = [Ear(own) for _ in range(2)]
        eventually(lambda: own.board.clients == 2)
        assert own.get("/events")[0] == 503
        for each in ears:
            each.leave()
        eventually(lambda: own.board.clients == 0)


def test_clients_are_told_that_it_ends_and_hold_up_no_stop() -> None:
    with client(every=0.05) as own:
        ear = Ear(own)
        eventually(lambda: ear.heard)
        before = time.monotonic()
    assert time.monotonic() - before < 5
    eventually(lambda: ear.ended)


def test_a_client_without_news_is_sent_a_comment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "HEARTBEAT_EVERY", 0.1)
    with (
        client(every=0.1) as own,
        closing(HTTPConnection("127.0.0.1", own.port, timeout=60)) as ear,
    ):
        ear.request("GET", "/events")
        with ear.getresponse() as answer:
            comments = (line for line in answer if line.startswith(b":"))
            assert next(comments) == next(comments) == b":\n"
