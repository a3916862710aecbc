"""The dashboards fit the types that Grafana 11 and 12 themselves are compiled with.

Grafana's server comes only as an image. Its npm package of types is generated from its schema.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.grafana.__main__ import FOLDER
from tests.deploy.programs import give_up, program

TYPES = Path(__file__).with_name("grafana_types")
COMPILER_OPTIONS = ("--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext")


@pytest.fixture(scope="module", params=["v11", "v12"])
def types(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the types of one Grafana and a compiler."""
    folder = tmp_path_factory.mktemp(request.param)
    shutil.copytree(TYPES / request.param, folder, dirs_exist_ok=True)
    install = (program("npm"), "ci", "--prefer-offline", "--ignore-scripts", "--no-audit")
    installed = subprocess.run(
        install, cwd=folder, check=False, capture_output=True, text=True, timeout=120
    )
    if installed.returncode:
        give_up(f"npm cannot install Grafana's types: {installed.stderr[-500:]}")
    return folder


def misfits(dashboards: Path, types: Path) -> str:
    """What the compiler says of the dashboards; empty where they fit."""
    write = (program("node"), TYPES / "check.mjs", dashboards, "./node_modules/@grafana/schema")
    written = subprocess.run(write, cwd=types, check=True, capture_output=True, timeout=60)
    (types / "dashboards.ts").write_bytes(written.stdout)
    compiler = types / "node_modules" / "typescript" / "bin" / "tsc"
    compiled = subprocess.run(
        (program("node"), compiler, *COMPILER_OPTIONS, "dashboards.ts"),
        cwd=types,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return compiled.stdout


def test_dashboards_fit_the_types_of_this_grafana(types: Path) -> None:
    assert misfits(FOLDER, types) == ""


def test_an_option_that_grafana_does_not_know_is_found(types: Path, tmp_path: Path) -> None:
    page: dict[str, Any] = json.loads((FOLDER / "model.json").read_text("utf-8"))
    panel = next(each for each in page["panels"] if each["type"] == "stat")
    panel["options"]["colorMode"] = "rainbow"
    page["refreshes"] = "5s"
    (tmp_path / "model.json").write_text(json.dumps(page), "utf-8")
    found = misfits(tmp_path, types)
    assert "rainbow" in found
    assert "'\"refreshes\"' does not exist" in found
