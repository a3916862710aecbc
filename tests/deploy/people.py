"""Prometheus and Alertmanager on the shipped configuration, and whoever they call."""

import json
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from intent.local.managed_process import ManagedProcess, Program
from intent.local.network import http_get
from tests.deploy.programs import ALERTMANAGER, PROMETHEUS, program
from tests.support.builders import eventually
from tests.support.ports import free_ports

LOOPBACK = "127.0.0.1"


class Webhook(ThreadingHTTPServer):
    """Notes what is posted to it: the path and the JSON."""

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), _Post)
        self.posts: list[tuple[str, dict[str, Any]]] = []

    def of(self, alert: str, **labels: str) -> list[tuple[str, dict[str, Any]]]:
        """The posts on alerts that have this name and these labels, in their order."""
        wanted = {"alertname": alert, **labels}.items()
        return [(path, post) for path, post in self.posts if wanted <= post["commonLabels"].items()]


class _Post(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, Webhook)
        self.server.posts.append((self.path, json.loads(body)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def called() -> Iterator[Webhook]:
    """Somebody who can be called."""
    with Webhook() as webhook:
        thread = threading.Thread(target=webhook.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield webhook
        finally:
            webhook.shutdown()
            thread.join()


@contextmanager
def alertmanager(folder: Path, webhook: Webhook) -> Iterator[str]:
    """One that calls the webhook, with waits of a second; its host:port."""
    text = ALERTMANAGER.read_text()
    for shipped, ours in {
        "http://127.0.0.1:9095": f"http://{LOOPBACK}:{webhook.server_port}",
        "group_wait: 30s": "group_wait: 1s",
        "group_wait: 10s": "group_wait: 1s",
        "group_interval: 5m": "group_interval: 1s",
    }.items():
        assert shipped in text
        text = text.replace(shipped, ours)
    config = folder / "alertmanager.yml"
    config.write_text(text)
    address = f"{LOOPBACK}:{free_ports(LOOPBACK, 1)[0]}"
    command = [
        program("alertmanager"), f"--config.file={config}", f"--web.listen-address={address}",
        f"--storage.path={folder / 'alertmanager'}", "--cluster.listen-address=",
    ]  # fmt: skip
    with _running("alertmanager", command, folder, address):
        yield address


@contextmanager
def prometheus(folder: Path, targets: Mapping[str, str], alertmanager: str) -> Iterator[str]:
    """One that looks at the targets (job to host:port) every second; its host:port."""
    config = folder / "prometheus"
    shutil.copytree(PROMETHEUS, config)
    path = config / "prometheus.yml"
    text = path.read_text()
    assert text.count("_interval: 15s") == 2
    path.write_text(text.replace("_interval: 15s", "_interval: 1s"))
    (config / "targets.yml").write_text(
        "".join(f'- {{targets: ["{at}"], labels: {{job: {job}}}}}\n' for job, at in targets.items())
    )
    (config / "alertmanagers.yml").write_text(f'- targets: ["{alertmanager}"]\n')
    address = f"{LOOPBACK}:{free_ports(LOOPBACK, 1)[0]}"
    command = [
        program("prometheus"), f"--config.file={path}", f"--web.listen-address={address}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
    ]  # fmt: skip
    with _running("prometheus", command, folder, address):
        yield address


@contextmanager
def _running(name: str, command: list[str], folder: Path, address: str) -> Iterator[None]:
    child = ManagedProcess(Program(name, command), folder / f"{name}.log")
    host, port = address.split(":")
    try:
        eventually(lambda: child.exit_code is not None or http_get(host, int(port), "/-/ready"))
        child.check()
        yield
    finally:
        child.stop(5)
