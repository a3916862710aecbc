"""What a real API server says of the chart's objects, and of a release that is upgraded."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract.settings import load
from intent.local.settings import LocalSettings
from tests.deploy.apiserver.server import api_server, kubectl, programs
from tests.deploy.charts import CHART, TESTS, program, rendered
from tests.deploy.operators import DEFINITIONS, definition
from tests.support.commands import run_command

VALUES = sorted(TESTS.glob("*.yaml"))


@pytest.fixture(scope="module")
def built() -> Path:
    return programs(load(LocalSettings).cache_dir / "kubernetes")


@pytest.fixture(scope="module")
def config(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Of a server that knows the operators' kinds."""
    with api_server(built, tmp_path_factory.mktemp("server")) as found:
        for kind in DEFINITIONS:
            run_command(
                built / "kubectl", f"--kubeconfig={found}", "create", "-f", definition(kind)
            )
        wait = ("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
        run_command(built / "kubectl", f"--kubeconfig={found}", *wait)
        yield found


@pytest.mark.parametrize("values", VALUES, ids=lambda file: file.stem)
def test_each_object_is_taken(built: Path, config: Path, values: Path) -> None:
    objects = rendered(values)
    assert objects
    text = yaml.safe_dump_all(objects)
    how = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-")
    printed = kubectl(built, config, *how, given=text)
    assert printed.returncode == 0, printed.stderr
    assert len(printed.stdout.splitlines()) == len(objects)
    assert "Warning" not in printed.stderr, printed.stderr


def helm(config: Path, *arguments: str | Path) -> str:
    return run_command(program("helm"), f"--kubeconfig={config}", *arguments)


def scorer(built: Path, config: Path, release: str) -> dict[str, Any]:
    """The release's workers."""
    labels = f"app.kubernetes.io/instance={release},app.kubernetes.io/component=scorer"
    found = kubectl(built, config, "get", "statefulset,deployment", "-l", labels, "-o", "json")
    (each,) = json.loads(found.stdout)["items"]
    return dict(each["spec"])


@pytest.mark.parametrize("values", VALUES, ids=lambda file: file.stem)
def test_a_release_is_upgraded_and_rolled_back(built: Path, config: Path, values: Path) -> None:
    release = f"intent-{values.stem}"
    helm(config, "install", release, CHART, "--values", values)
    before = scorer(built, config, release)
    changes = ("--set", "image.tag=9.9.9", "--set", "scorer.settings.BATCH_MAX_RECORDS=500")
    helm(config, "upgrade", release, CHART, "--values", values, *changes)
    after = scorer(built, config, release)
    assert after["template"]["spec"]["containers"][0]["image"].endswith(":9.9.9")
    helm(config, "rollback", release, "1")
    assert scorer(built, config, release)["template"] == before["template"]
    history = json.loads(helm(config, "history", release, "--output", "json"))
    assert [each["status"] for each in history] == ["superseded", "superseded", "deployed"]
    helm(config, "uninstall", release)


def test_an_object_that_the_api_does_not_know_is_refused(built: Path, config: Path) -> None:
    """What the cases above would not see if the server took anything."""
    wrong = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"port": 1}}
    how = ("apply", "--server-side", "--dry-run=server", "-f", "-")
    assert kubectl(built, config, *how, given=yaml.safe_dump(wrong)).returncode
