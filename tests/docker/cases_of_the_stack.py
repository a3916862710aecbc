"""The compose stack in real containers, from the build of its images to the end of its volumes.

Run by `make test-docker`, from top to bottom: each case finds the stack as the one before left it.
"""

import json
import os
import shutil
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.error import HTTPError

import pytest

from contract.settings import load
from intent.local.settings import LocalSettings
from stream_app.settings import ScorerSettings
from tests.deploy.programs import ROOT
from tests.docker import engine, images
from tests.docker.stack import BOOTSTRAP, FOLDER, PORTS, TOKEN, Stack
from tests.support.builders import eventually, produce
from tests.support.commands import run_command, run_unchecked
from tests.support.records import MINIMAL_RECORD
from tests.support.scorer import prediction_offsets

SETTINGS = load(ScorerSettings, kafka_bootstrap=BOOTSTRAP)

CACHE = load(LocalSettings).cache_dir / "docker"

ENDS_WELL = ("scorer", "monitoring", "training", "topics", "champion")

ROLES = ("producers", "scorer", "monitoring", "training", "registry")


@pytest.fixture(scope="module")
def docker() -> Iterator[dict[str, str]]:
    """Variables that name the engine."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with engine.engine(CACHE) as env:
        yield env


@pytest.fixture(scope="module")
def files(docker: Mapping[str, str]) -> list[Path]:
    """Of compose."""
    return [FOLDER / "compose.yaml", *images.overrides(docker)]


@pytest.fixture(scope="module")
def stack(docker: Mapping[str, str], files: list[Path]) -> Iterator[Stack]:
    found = Stack(docker, files)
    yield found
    found.down()


class Sent:
    """How many customers were sent so far: as many predictions there must be, no more."""

    def __init__(self) -> None:
        self.count = 0

    def more(self, count: int) -> None:
        produce(BOOTSTRAP, SETTINGS.topic_customers, [MINIMAL_RECORD] * count, deadline=60)
        self.count += count

    def each_is_answered_once(self) -> None:
        found = prediction_offsets(SETTINGS, until=self.count)
        assert len(set(found)) == self.count
        assert len(prediction_offsets(SETTINGS)) == self.count


@pytest.fixture(scope="module")
def sent() -> Sent:
    return Sent()


def test_images_are_built_and_the_smoke_test_passes(
    docker: Mapping[str, str], files: list[Path]
) -> None:
    chosen = {"COMPOSE_FILE": os.pathsep.join(map(str, files))}
    assert "passed: " in run_command(FOLDER / "smoke", env={**docker, **chosen})


def test_images_of_the_commit_before_are_well(stack: Stack, sent: Sent, tmp_path: Path) -> None:
    before = tmp_path / "before"
    commit = os.environ.get("INTENT_TEST_BEFORE", "HEAD^")
    run_command("git", "clone", "--quiet", "--no-checkout", ROOT, before)
    run_command("git", "checkout", "--quiet", commit, cwd=before)
    for role in ROLES:
        stack.docker(
            "build", "--quiet", f"--target={role}", f"--tag=intent-stream-{role}:before",
            f"--file={before}/compose/images/Dockerfile",
            *(["--build-arg=PYTHON_IMAGE=intent-test/python"] if len(stack.files) > 1 else []),
            str(before),
        )  # fmt: skip
    shutil.rmtree(before)
    stack.up(IMAGE_TAG="before")
    sent.more(1_000)
    sent.each_is_answered_once()


def test_upgrade_goes_on_where_the_version_before_stopped(stack: Stack, sent: Sent) -> None:
    old = stack.container("scorer")
    sent.more(1_000)
    stack.up()
    assert stack.container("scorer")["Image"] != old["Image"]
    sent.more(1_000)
    sent.each_is_answered_once()


def test_pages_are_open_to_this_machine_alone(stack: Stack) -> None:
    bound = {
        (each["Config"]["Labels"]["com.docker.compose.service"], port["HostIp"], port["HostPort"])
        for each in stack.containers()
        for ports in each["NetworkSettings"]["Ports"].values()
        for port in ports or ()
    }
    assert {address for _, address, _ in bound} == {"127.0.0.1"}
    assert {port for *_, port in bound} <= {*PORTS.values()}
    assert "scorer" not in {service for service, *_ in bound}


def test_nothing_leads_out_of_the_inner_network(stack: Stack) -> None:
    outside = f"{stack.project}_outside"
    address = stack.container("prometheus")["NetworkSettings"]["Networks"][outside]["IPAddress"]
    connect = ["timeout", "5", "bash", "-c", f"</dev/tcp/{address}/9090"]
    stack.inside("monitoring", *connect)  # which is on that network too
    scorer = stack.container("scorer")["Id"]
    assert run_unchecked("docker", "exec", scorer, *connect, env=stack.env).returncode
    connect[-1] = "</dev/tcp/prometheus/9090"  # its address on the network that they share
    stack.inside("scorer", *connect)


def test_pages_want_the_token_and_prometheus_shows_it(stack: Stack) -> None:
    url = f"http://127.0.0.1:{PORTS['MONITORING_PORT']}/metrics"
    with pytest.raises(HTTPError, match="401"):
        urllib.request.urlopen(url, timeout=10)
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
        assert b"intent_window_rows" in answer.read()

    def seen() -> bool:
        query = "http://127.0.0.1:9090/api/v1/query?query=up"
        reported = json.loads(stack.inside("prometheus", "wget", "-q", "-O", "-", query))
        up = {each["metric"]["job"]: each["value"][1] for each in reported["data"]["result"]}
        return all(up.get(job) == "1" for job in ("scorer", "monitoring", "training"))

    eventually(seen, deadline=60, every=1)


def test_three_scorers_share_the_work(stack: Stack, sent: Sent) -> None:
    stack.up(scorers=3)
    sent.more(2_000)
    sent.each_is_answered_once()


def test_killed_scorer_is_started_again_and_nothing_is_lost_or_doubled(
    stack: Stack, sent: Sent
) -> None:
    victim = stack.containers("scorer")[0]
    sent.more(20_000)
    stack.kill(victim)
    sent.more(1_000)
    eventually(lambda: stack.starts_again(victim), deadline=60, every=0.5)
    sent.each_is_answered_once()
    stack.await_health()


def test_scorer_beyond_its_memory_is_killed_and_started_again(stack: Stack, sent: Sent) -> None:
    victim = stack.containers("scorer")[0]
    sent.more(5_000)
    for pid in stack.docker("top", victim["Id"], "-o", "pid").split()[1:]:
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000")  # the kernel ends these first
    run_unchecked(
        "docker", "exec", victim["Id"], "python", "-c", "bytes([1]) * (2 << 30)", env=stack.env
    )
    eventually(lambda: stack.starts_again(victim), deadline=60, every=0.5)
    sent.more(1_000)
    sent.each_is_answered_once()
    stack.await_health()


@pytest.mark.parametrize("service", ["monitoring", "redpanda"])
def test_killed_service_is_started_again_and_nothing_is_lost_or_doubled(
    stack: Stack, sent: Sent, service: str
) -> None:
    victim = stack.container(service)
    sent.more(5_000)
    stack.kill(victim)
    eventually(lambda: stack.starts_again(victim), deadline=60, every=0.5)
    stack.await_health()
    sent.more(1_000)
    sent.each_is_answered_once()


def test_stopped_stack_ends_well_and_goes_on_from_its_volumes(stack: Stack, sent: Sent) -> None:
    stack.compose("stop")
    ended = {each["Name"]: each["State"]["ExitCode"] for each in stack.containers()}
    ours = {name: code for name, code in ended.items() if any(each in name for each in ENDS_WELL)}
    assert ours
    assert set(ours.values()) == {0}, ours
    stack.up(scorers=1)
    sent.more(1_000)
    sent.each_is_answered_once()
