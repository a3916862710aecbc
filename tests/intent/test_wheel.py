"""What `pip install .` installs: `intent`, and no generic name at the top of site-packages."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest

from hatch_build import PREFIX, STAGES, rewrite_imports

ROOT = Path(__file__).parents[2]

IMPORT_ALL = f"""
import importlib, pkgutil
import {PREFIX} as stages
failed = []
modules = pkgutil.walk_packages(stages.__path__, "{PREFIX}.", onerror=failed.append)
names = [module.name for module in modules if not module.name.endswith(("faust_app", "__main__"))]
for name in names:
    importlib.import_module(name)
assert not failed, failed
assert len(names) > 100
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`bin` of an environment with the wheel; dependencies come from the repository's."""
    folder = tmp_path_factory.mktemp("environment")
    python = folder / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    install = [
        str(python),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(install, check=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site_packages = folder / "lib" / version / "site-packages"
    # Path entries of a .pth file are not searched for .pth files: the editable install is not found
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python.parent


def run(installed: Path, *command: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [installed / command[0], *command[1:]],
        cwd=installed,  # not the repository, which would be importable
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_wheel_has_only_the_package_intent_at_its_top(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    top = {name.partition("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"intent"}
    assert {"intent/py.typed", "intent/_stages/data/car_data.csv"} <= set(names)


def test_command_and_client_work_without_the_repository(installed: Path) -> None:
    process = run(installed, "intent", "--help")
    assert "dead-letters" in process.stdout, process.stderr
    script = "import intent; print(intent.Client.__module__, intent.__file__, intent.__version__)"
    process = run(installed, "python", "-c", script)
    assert process.returncode == 0, process.stderr
    assert process.stdout.startswith(f"intent.client {installed.parent}")
    for stage in STAGES:
        assert run(installed, "python", "-c", f"import {stage}").returncode != 0


@pytest.mark.parametrize("stage", ["producers", "stream_app", "monitoring", "training"])
def test_every_stage_starts_by_its_name_in_the_wheel(installed: Path, stage: str) -> None:
    process = run(installed, "python", "-m", f"{PREFIX}.{stage}", INTENT_PARTITIONS="0")
    assert process.returncode == 2, process.stderr
    assert "INTENT_PARTITIONS=0" in process.stderr


def test_local_stack_starts_the_stages_by_their_names_in_the_wheel(installed: Path) -> None:
    script = (
        "from intent.local.programs import scorer_server\n"
        "from intent.local.settings import LocalSettings\n"
        "print(*scorer_server(LocalSettings()).program.command)"
    )
    process = run(installed, "python", "-c", script)
    assert process.stdout.strip().endswith(f"-m {PREFIX}.stream_app"), process.stderr


@pytest.mark.long
def test_every_module_in_the_wheel_can_be_imported(installed: Path) -> None:
    process = run(installed, "python", "-c", IMPORT_ALL)
    assert process.returncode == 0, process.stderr


@pytest.mark.parametrize(
    ("source", "rewritten"),
    [
        ("from contract import kafka\n", f"from {PREFIX}.contract import kafka\n"),
        (
            "if x:\n    from data import dataset\n",
            f"if x:\n    from {PREFIX}.data import dataset\n",
        ),
        ("import contract.startup  # noqa\n", f"import {PREFIX}.contract.startup  # noqa\n"),
        ("import training\n", f"from {PREFIX} import training\n"),
        ("from . import data\nimport dataclasses\n", "from . import data\nimport dataclasses\n"),
    ],
)
def test_imports_of_stages_are_rewritten_and_no_others(source: str, rewritten: str) -> None:
    assert rewrite_imports(source) == rewritten


def test_import_that_cannot_be_rewritten_fails_the_build() -> None:
    with pytest.raises(ValueError, match="use `from"):
        rewrite_imports("import contract.kafka\ncontract.kafka.produce()\n")
