"""The second example, a table of several classes: its cases, and the whole pipeline on it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from compose.local.ports import free_ports

HERE = Path(__file__).parent
TABLE = HERE.parents[1] / "examples" / "pumps" / "table.toml"
CLASSES = ("none", "clean", "replace")


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    names = ("BROKER_PORT", "SCORER_PORT", "MONITORING_PORT", "SIMULATOR_PORT", "TRAINING_PORT")
    ports = zip(names, free_ports("127.0.0.1", len(names)), strict=True)
    return {
        **os.environ,
        **{f"INTENT_{name}": str(port) for name, port in ports},
        "INTENT_HOME": str(tmp_path_factory.mktemp("pumps") / "home"),
        "INTENT_TABLE": str(TABLE),
        "INTENT_RETRAIN": "false",
    }


def run(env: dict[str, str], *arguments: str, within: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=within,
    )


def test_cases_of_pumps_hold_in_a_process_of_that_table(env: dict[str, str]) -> None:
    ended = run(env, "pytest", "-q", str(HERE / "cases_of_pumps.py"), within=400)
    assert ended.returncode == 0, ended.stdout


def test_settings_of_the_cars_are_refused_for_another_table(env: dict[str, str]) -> None:
    ended = run({**env, "INTENT_DRIFT_AGE": "5"}, "producers", "--records", "1", within=60)
    assert ended.returncode == 2
    assert "INTENT_DRIFT_AGE: this is for the cars alone" in ended.stdout
    ended = run(env, "producers", "--drift-column", "colour", within=60)
    assert "INTENT_DRIFT_COLUMN must be one of site, fluid" in ended.stdout
    assert ended.returncode == 2


@pytest.mark.long
def test_pipeline_scores_reports_and_notices_drift_of_another_table(env: dict[str, str]) -> None:
    trained = run(env, "training", within=400)  # apart: a busy machine takes its time
    assert trained.returncode == 0, trained.stdout
    arguments = ("--records", "15000", "--rate", "250", "--drift-after", "15", "--drift-over", "0")
    ended = run(env, "compose.local", *arguments, within=540)
    assert ended.returncode == 0, ended.stdout
    assert "complete: every record has exactly one prediction or dead letter" in ended.stdout

    lines = Path(env["INTENT_HOME"], "reports", "windows.jsonl").read_bytes().splitlines()
    windows: list[dict[str, Any]] = [msgspec.json.decode(line)["summary"] for line in lines]
    judged = [each for each in windows if each["outcomes"]]
    assert judged
    assert all(each["labelled"] == sum(map(sum, each["outcomes"]["counts"])) for each in judged)
    assert all(len(each["outcomes"]["counts"]) == len(CLASSES) for each in judged)
    assert max(each["accuracy"] for each in judged) > 0.6
    drifted = [each for each in windows if each["columns"].get("age", {}).get("drifted")]
    assert drifted
    assert all(each["columns"]["age"]["effect"] > 0.2 for each in drifted[-1:])
    reports = Path(env["INTENT_HOME"], "reports")
    assert all((reports / each["report"]).is_file() for each in windows if each.get("report"))
