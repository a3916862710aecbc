"""The retraining loop, end to end, on real Kafka, MLflow and Prefect."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.support.ports import free_ports
from tools.scenarios.timeline import Timeline

PORTS = (
    "BROKER_PORT", "SCORER_PORT", "MONITORING_PORT", "SIMULATOR_PORT", "TRAINING_PORT",
    "PREFECT_PORT",
)  # fmt: skip


@pytest.mark.long
def test_drift_retrains_a_gate_decides_and_a_bad_champion_is_rolled_back(tmp_path: Path) -> None:
    ports = dict(zip(PORTS, map(str, free_ports("127.0.0.1", len(PORTS))), strict=True))
    variables = {
        f"INTENT_{name}": value for name, value in {**ports, "DATA_DIR": str(tmp_path)}.items()
    }
    run = subprocess.run(
        [sys.executable, "-m", "tools.scenarios"],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr

    timeline = msgspec.json.decode((tmp_path / "timeline.json").read_bytes(), type=Timeline)
    moments = [moment for moment in timeline.moments if moment.scenario == "target drift"]
    assert min(moments, key=lambda moment: moment.time).name == "the target drifts"
    at = {moment.name: moment.time for moment in moments}
    assert at["an alert fires"] <= at["the training starts"] <= at["the gate passes it"]
    assert at["the gate passes it"] <= at["workers score with version 2"]
    assert at["workers score with version 2"] <= at["accuracy recovers"]
    assert {moment.scenario for moment in timeline.moments} == {
        "target drift", "wrong promotion", "label noise",
    }  # fmt: skip
