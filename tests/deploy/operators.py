"""The schemas of the operators' kinds, out of their Go modules."""

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

KEDA: Final = "github.com/kedacore/keda/v2@v2.21.0"
PROMETHEUS: Final = "github.com/prometheus-operator/prometheus-operator@v0.85.0"

DEFINITIONS: Final = {
    "ScaledObject": (KEDA, "config/crd/bases/keda.sh_scaledobjects.yaml"),
    "TriggerAuthentication": (KEDA, "config/crd/bases/keda.sh_triggerauthentications.yaml"),
    "ServiceMonitor": (
        PROMETHEUS,
        "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
    ),
    "PrometheusRule": (
        PROMETHEUS,
        "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
    ),
}
"""Kind to the Go module and the file that define it."""


def schema(api_version: str, kind: str) -> dict[str, Any]:
    """Of a kind's version. Without Go the test is skipped, in CI it fails."""
    spec = yaml.safe_load(definition(kind).read_text())["spec"]
    (found,) = [
        version["schema"]["openAPIV3Schema"]
        for version in spec["versions"]
        if f"{spec['group']}/{version['name']}" == api_version
    ]
    closed: dict[str, Any] = _closed(found)
    return closed


def definition(kind: str) -> Path:
    """The file that defines a kind. Without Go the test is skipped, in CI it fails."""
    module, file = DEFINITIONS[kind]
    return _downloaded(module) / file


@cache
def _downloaded(module: str) -> Path:
    go = shutil.which("go")
    if go is None:
        reason = f"go is not there, which fetches {module}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    done = subprocess.run(
        [go, "mod", "download", "-json", module],
        capture_output=True,
        check=False,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Path(json.loads(done.stdout)["Dir"])


def _closed(schema: Any) -> Any:
    """The schema with fields that it does not name forbidden, as the API server warns of them."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(each) for name, each in schema.items()}
    if "properties" in closed and not closed.get("x-kubernetes-preserve-unknown-fields"):
        closed.setdefault("additionalProperties", False)
    return closed
