"""The compose stack runs from its own commands, environments and variables, without an engine."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.composed import services
from tests.deploy.engineless.image import build
from tests.deploy.engineless.network import ALONE
from tests.deploy.engineless.scenario import RECORDS
from tests.deploy.programs import program

pytestmark = pytest.mark.long

IMAGES = ("producers", "scorer", "monitoring", "training", "registry")
NEEDED = ("bwrap", "dnsmasq", "prometheus", "alertmanager", "psql")
ELSEWHERE = {  # beside what each has in pyproject.toml: what no other role may carry
    "producers": ("faust", "sklearn", "mlflow", "prefect", "evidently"),
    "scorer": ("prefect", "evidently", "sqlalchemy", "flask"),
    "monitoring": ("faust", "prefect", "sqlalchemy"),
    "training": ("faust", "evidently"),
    "registry": ("faust", "prefect", "evidently", "confluent_kafka"),
}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """With the images; other users than root may look into it."""
    for name in NEEDED:
        program(name)
    if os.geteuid() != 0:
        pytest.skip("a network of its own takes root")
    made = Path(tempfile.mkdtemp(prefix="intent-engineless-"))
    made.chmod(0o755)
    try:
        for image in IMAGES:
            build(image, made / "images")
        yield made
    finally:
        shutil.rmtree(made)


@pytest.fixture(scope="module")
def seen(folder: Path) -> dict[str, Any]:
    """What became of the stack."""
    ran = subprocess.run(
        [*ALONE, sys.executable, "-m", "tests.deploy.engineless", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, "\n".join(
        f"{log.name}: {log.read_text(errors='replace')[-2000:]}"
        for log in (folder / "logs").glob("*.log")
    )
    return dict(json.loads(ran.stdout.splitlines()[-1]))


@pytest.mark.parametrize(("image", "others"), ELSEWHERE.items())
def test_an_image_has_nothing_of_other_roles(
    folder: Path, image: str, others: tuple[str, ...]
) -> None:
    installed = {
        path.name
        for path in (folder / "images" / image / ".venv").glob("lib/python*/site-packages/*")
    }
    assert installed
    assert not installed & set(others)


def test_what_does_its_work_and_ends_ends_well(seen: dict[str, Any]) -> None:
    assert seen["ended"] == {"topics": 0, "champion": 0, "once": 0, "simulator": 0}


def test_every_record_has_exactly_one_answer_from_two_workers(seen: dict[str, Any]) -> None:
    assert seen["records"] == RECORDS
    assert seen["fault"] == ""


def test_prometheus_finds_each_worker_by_the_services_name(seen: dict[str, Any]) -> None:
    assert seen["up"] == {"scorer": 2, "monitoring": 1, "training": 1, "simulator": 1}


def test_prefects_server_has_the_next_trainings_on_its_schedule(seen: dict[str, Any]) -> None:
    assert seen["scheduled"] > 0


def test_no_panel_of_the_dashboards_is_empty(seen: dict[str, Any]) -> None:
    assert seen["empty"] == []


def test_every_container_fits_into_its_memory_with_half_of_it_free(seen: dict[str, Any]) -> None:
    for name, megabytes in seen["megabytes"].items():
        limit = services()[name.partition("-")[0]]["deploy"]["resources"]["limits"]["memory"]
        allowed = float(limit[:-1]) * (1024 if limit.endswith("G") else 1)
        assert megabytes < allowed / 2, f"{name}: {megabytes} MB of {allowed:.0f}"


def test_every_container_ends_within_its_grace_when_it_is_told_to(seen: dict[str, Any]) -> None:
    assert set(seen["stopped"].values()) <= {0, 143}, seen["stopped"]  # 143: ended by SIGTERM
