"""The loop, end to end, on real Kafka, MLflow and Prefect."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.support.ports import free_ports
from tools.scenarios.timeline import Told

PORTS = (
    "BROKER_PORT", "SCORER_PORT", "MONITORING_PORT", "SIMULATOR_PORT", "TRAINING_PORT",
    "PREFECT_PORT",
)  # fmt: skip


@pytest.mark.long
def test_drift_retrains_a_gate_decides_and_a_bad_champion_is_rolled_back(tmp_path: Path) -> None:
    ports = dict(zip(PORTS, map(str, free_ports("127.0.0.1", len(PORTS))), strict=True))
    own = {f"INTENT_{name}": value for name, value in {**ports, "DATA_DIR": str(tmp_path)}.items()}
    played = subprocess.run(
        [sys.executable, "-m", "tools.scenarios"],
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert played.returncode == 0, played.stdout + played.stderr

    told = msgspec.json.decode((tmp_path / "timeline.json").read_bytes(), type=Told)
    loop = [each for each in told.moments if each.scene == "the target moves"]
    assert min(loop, key=lambda each: each.at).name == "the target moves"
    at = {each.name: each.at for each in loop}
    assert at["an alert fires"] <= at["the training starts"] <= at["the gate lets it pass"]
    assert at["the gate lets it pass"] <= at["workers score with version 2"]
    assert at["workers score with version 2"] <= at["accuracy recovers"]
    assert {each.scene for each in told.moments} == {
        "the target moves", "the wrong version is promoted", "outcomes are poisoned",
    }  # fmt: skip
