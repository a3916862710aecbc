"""One snapshot serves all clients; a client that does not read is disconnected."""

import socket
import threading
import time
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection
from itertools import count

import pytest

from monitoring.live.collector import StreamSnapshot
from monitoring.pages import broadcaster
from tests.support.builders import eventually
from tests.support.pages import EMPTY_PAGE_DATA, Client, a_summary, page_client


class EventReader(threading.Thread):
    """Reads the names of the events until it is closed."""

    def __init__(self, client: Client) -> None:
        super().__init__(daemon=True)
        self._connection = HTTPConnection("127.0.0.1", client.port, timeout=10)
        self.events: list[str] = []
        self.ended = False
        self.start()

    def run(self) -> None:
        with closing(self._connection) as connection:
            connection.request("GET", "/events")
            with connection.getresponse() as response:
                while line := response.readline():
                    if line.startswith(b"event: "):
                        self.events.append(line.decode().split()[1])
        self.ended = True

    def close(self) -> None:
        """Disconnects."""
        if self._connection.sock:
            self._connection.sock.shutdown(socket.SHUT_RDWR)
        self.join()


def numbered_snapshot(numbers: "count[int]") -> StreamSnapshot:
    """Returns a snapshot that differs from all others."""
    return StreamSnapshot((), [], str(next(numbers)), "1")


def test_all_clients_share_one_snapshot() -> None:
    numbers = count()
    data = replace(EMPTY_PAGE_DATA, stream=lambda: numbered_snapshot(numbers))
    with page_client(data, interval=0.2) as client:
        readers = [EventReader(client) for _ in range(8)]
        eventually(lambda: all(len(reader.events) > 8 for reader in readers))
        snapshots = next(numbers)
        received = max(reader.events.count("stream") for reader in readers)
        for reader in readers:
            reader.close()
    assert received <= snapshots <= received + 3


def test_without_clients_no_snapshot_is_taken() -> None:
    numbers = count()
    data = replace(EMPTY_PAGE_DATA, stream=lambda: numbered_snapshot(numbers))
    with page_client(data, interval=0.05) as client:
        reader = EventReader(client)
        eventually(lambda: reader.events)
        reader.close()
        eventually(lambda: client.broadcaster.clients == 0)
        before = next(numbers)
        time.sleep(0.5)  # ten intervals, in which nothing may happen
        assert next(numbers) <= before + 2


def test_data_that_does_not_change_is_sent_once_to_each_client() -> None:
    numbers = count()
    data = replace(
        EMPTY_PAGE_DATA, stream=lambda: numbered_snapshot(numbers), summaries=lambda: [a_summary()]
    )
    with page_client(data, interval=0.05) as client:
        reader = EventReader(client)
        eventually(lambda: reader.events.count("stream") > 5)
        assert reader.events.count("window") == 1
        assert reader.events.count("dead_letters") == 1
        late = EventReader(client)
        eventually(lambda: late.events.count("stream") > 1)
        assert late.events.count("window") == 1
        reader.close()
        late.close()


def test_a_client_that_does_not_read_is_disconnected_and_delays_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broadcaster, "SEND_TIMEOUT", 0.5)
    numbers = count()

    def large_snapshot() -> StreamSnapshot:
        return StreamSnapshot((), [], f"{next(numbers)}" + "x" * 500_000, "1")

    data = replace(EMPTY_PAGE_DATA, stream=large_snapshot)
    with page_client(data, interval=0.05) as client, socket.socket() as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        stalled.connect(("127.0.0.1", client.port))
        stalled.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        eventually(lambda: client.broadcaster.clients == 1)
        reader = EventReader(client)
        eventually(lambda: client.broadcaster.clients == 1 and reader.events.count("stream") > 5)
        before = reader.events.count("stream")
        eventually(lambda: reader.events.count("stream") > before)
        reader.close()


def test_the_number_of_clients_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcaster, "MAX_CLIENTS", 2)
    with page_client(interval=0.05) as client:
        readers = [EventReader(client) for _ in range(2)]
        eventually(lambda: client.broadcaster.clients == 2)
        assert client.get("/events")[0] == 503
        for reader in readers:
            reader.close()
        eventually(lambda: client.broadcaster.clients == 0)


def test_a_head_request_gets_headers_and_is_no_client() -> None:
    with page_client() as client:
        status, _, headers = client.ask("HEAD", "/events")
        assert status == 200
        assert headers["content-type"].startswith("text/event-stream")
        assert client.broadcaster.clients == 0


def test_streams_end_when_the_server_stops_and_do_not_delay_it() -> None:
    with page_client(interval=0.05) as client:
        reader = EventReader(client)
        eventually(lambda: reader.events)
        before = time.monotonic()
    assert time.monotonic() - before < 5
    eventually(lambda: reader.ended)


def test_a_client_without_changes_gets_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcaster, "HEARTBEAT_INTERVAL", 0.1)
    with (
        page_client(interval=0.1) as client,
        closing(HTTPConnection("127.0.0.1", client.port, timeout=60)) as connection,
    ):
        connection.request("GET", "/events")
        with connection.getresponse() as response:
            comments = (line for line in response if line.startswith(b":"))
            assert next(comments) == next(comments) == b":\n"
