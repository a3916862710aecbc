"""Where pages and metrics ask for a token, Prometheus and the health checks show it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry, Gauge
from pydantic import SecretStr

from contract.http_access import AccessPolicy
from contract.process import serve_metrics
from intent.local.managed_process import ManagedProcess, Program
from intent.local.network import http_get
from tests.deploy.composed import services
from tests.deploy.programs import PROMETHEUS, ROOT, program
from tests.deploy.queries import instant
from tests.support.builders import eventually
from tests.support.ports import free_ports

HOST = "127.0.0.1"
OURS = {"scorer", "monitoring", "training", "simulator"}
TOKENS = ["", "token: of 'the' pages"]


@contextmanager
def stage(token: str) -> Iterator[int]:
    """The port of a stage's metrics."""
    registry = CollectorRegistry()
    Gauge("intent_prefect_up", "", registry=registry).set(1)
    (port,) = free_ports(HOST, 1)
    stop = serve_metrics(registry, HOST, port, AccessPolicy(SecretStr(token)))
    try:
        yield port
    finally:
        stop()


@contextmanager
def prometheus(folder: Path, port: int, token: str) -> Iterator[str]:
    """The compose file's, which finds each stage at that port; its host:port."""
    config = yaml.safe_load((PROMETHEUS / "compose.yml").read_text())
    config["global"]["scrape_interval"] = "1s"
    for job in (each for each in config["scrape_configs"] if each["job_name"] in OURS):
        job.pop("dns_sd_configs", None)
        job["static_configs"] = [{"targets": [f"{HOST}:{port}"]}]
        kept = Path(job["authorization"]["credentials_file"])
        assert kept == Path("/tmp/listen-token"), "where `start` writes it"  # noqa: S108
        job["authorization"]["credentials_file"] = str(folder / kept.name)
    (folder / "compose.yml").write_text(yaml.safe_dump(config))
    service = services(**({"INTENT_LISTEN_TOKEN": token} if token else {}))["prometheus"]
    shell, script = service["entrypoint"]
    (own,) = free_ports(HOST, 1)
    command = [
        shell, str(PROMETHEUS / Path(script).name), f"--config.file={folder / 'compose.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}", f"--web.listen-address={HOST}:{own}",
    ]  # fmt: skip
    variables = {
        **service["environment"],
        "TMPDIR": str(folder),
        "PATH": f"{Path(program('prometheus')).parent}:{os.environ['PATH']}",
    }
    child = ManagedProcess(Program("prometheus", command, env=variables), folder / "prometheus.log")
    try:
        eventually(lambda: child.exit_code is not None or http_get(HOST, own, "/-/ready"))
        child.check()
        yield f"{HOST}:{own}"
    finally:
        child.stop(5)


@pytest.mark.parametrize("token", TOKENS, ids=["open", "guarded"])
def test_prometheus_reads_the_metrics_of_every_stage(token: str, tmp_path: Path) -> None:
    with stage(token) as port, prometheus(tmp_path, port, token) as address:
        job = "|".join(OURS)
        eventually(lambda: instant(address, f'up{{job=~"{job}"}}') == ["1"] * len(OURS))
        assert (tmp_path / "listen-token").stat().st_mode & 0o077 == 0, "for nobody else"


def test_prometheus_is_rejected_with_another_token(tmp_path: Path) -> None:
    with stage("another") as port, prometheus(tmp_path, port, TOKENS[1]) as address:
        job = "|".join(OURS)
        eventually(lambda: instant(address, f'up{{job=~"{job}"}}') == ["0"] * len(OURS))


def health_check(service: str, port: int, **env: str) -> int:
    """The exit code of what the compose file says, asked of that port."""
    words = services()[service]["healthcheck"]["test"]
    assert words[:2] == ["CMD", "/app/healthy"]
    url = words[2].replace(":8003", f":{port}").replace(":8004", f":{port}")
    command = [ROOT / "compose" / "images" / "healthy", url, *words[3:]]
    return subprocess.run(command, env=env, check=False).returncode


@pytest.mark.parametrize("service", ["training", "simulator"])
def test_health_check_that_reads_metrics_sends_the_token(service: str, tmp_path: Path) -> None:
    token = TOKENS[1]
    file = tmp_path / "token"
    file.write_text(f"{token}\n")
    with stage(token) as port:
        assert health_check(service, port, INTENT_LISTEN_TOKEN=token) == 0
        assert health_check(service, port, INTENT_LISTEN_TOKEN_FILE=str(file)) == 0
        assert health_check(service, port, INTENT_LISTEN_TOKEN="another") == 1  # noqa: S106
        assert health_check(service, port) == 1
    with stage("") as port:
        assert health_check(service, port) == 0
