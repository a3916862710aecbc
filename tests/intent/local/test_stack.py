"""The whole pipeline as a user starts it: complete runs, clean stops, nothing left behind."""

import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from contract.settings import Settings
from tests.support.builders import environment, eventually, read_all
from tests.support.ports import free_ports
from tests.support.processes import child_processes
from tests.support.stacks import START_TIMEOUT, await_line, stack_process


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Ports and a home of our own; the home is the same for all, so that only one run trains."""
    names = ("BROKER_PORT", "SCORER_PORT", "MONITORING_PORT", "SIMULATOR_PORT")
    ports = zip(names, free_ports("127.0.0.1", len(names)), strict=True)
    return {
        **os.environ,
        **{f"INTENT_{name}": str(port) for name, port in ports},
        "INTENT_DATA_DIR": str(tmp_path_factory.mktemp("stack") / "home"),
        "INTENT_RETRAIN_ENABLED": "false",
    }


def survivors(env: Mapping[str, str]) -> list[str]:
    """What still runs with this home, in whatever session."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and (
                process.environ().get("INTENT_DATA_DIR") == env["INTENT_DATA_DIR"]
                or process.cwd().startswith(env["INTENT_DATA_DIR"])
            ):
                found.append(" ".join(process.cmdline()))
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def test_a_bounded_run_accounts_for_every_record_and_leaves_nothing_behind(
    env: dict[str, str],
) -> None:
    with stack_process(env, "--records", "3000", "--invalid-ratio", "0.01") as process:
        output, _ = process.communicate(timeout=2 * START_TIMEOUT)

    assert process.returncode == 0, output
    figures = dict(line.split(maxsplit=1) for line in output.splitlines() if len(line.split()) == 2)
    assert figures["records"] == "3,000"
    assert int(figures["reports"]) >= 1
    assert survivors(env) == []


def test_a_broker_that_is_named_is_used_and_none_started(
    env: dict[str, str], settings: Settings
) -> None:
    env = {
        **environment(settings),
        **env,
        "INTENT_MODEL_NAME": "car-purchase",
    }  # the home that has a champion
    with stack_process(env, "--records", "3000", "--rate", "0") as process:
        output, _ = process.communicate(timeout=2 * START_TIMEOUT)

    assert process.returncode == 0, output
    assert f"Kafka answers at {settings.kafka_bootstrap}" in output
    assert len(read_all(settings.kafka_bootstrap, settings.topic_customers)) == 3000


@pytest.mark.alone
def test_ctrl_c_stops_everything_within_ten_seconds_and_the_next_run_goes_on(
    env: dict[str, str], champion: dict[str, str]
) -> None:
    env = {**env, **{f"INTENT_{name.upper()}": value for name, value in champion.items()}}
    with stack_process(env) as process:
        await_line(process, "scored")
        asked = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=90)

    assert time.monotonic() - asked < 10
    assert process.returncode == 0, output
    assert output.splitlines()[-1] == "stopped"
    assert survivors(env) == []

    with stack_process(env, "--records", "100") as process:
        output, _ = process.communicate(timeout=2 * START_TIMEOUT)
    assert process.returncode == 0, output


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes children of a killed parent")
def test_nothing_survives_a_killed_stack(env: dict[str, str]) -> None:
    with stack_process(env) as process:
        await_line(process, "scored")
        assert len(survivors(env)) >= 5
        process.kill()
        process.wait()

    eventually(lambda: survivors(env) == [], 10)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes children of a killed parent")
def test_children_of_training_do_not_survive_a_killed_stack(
    env: dict[str, str], tmp_path: Path
) -> None:
    training, prefect = map(str, free_ports("127.0.0.1", 2))
    own = {"INTENT_TRAINING_PORT": training, "INTENT_PREFECT_PORT": prefect}
    env = {
        **env,
        **own,
        "INTENT_DATA_DIR": str(tmp_path / "home"),
        "INTENT_RETRAIN_ENABLED": "true",
    }
    with stack_process(env) as process:
        eventually(lambda: any("uvicorn" in command for command in survivors(env)), START_TIMEOUT)
        process.kill()
        process.wait()

    eventually(lambda: survivors(env) == [], 10)


def test_second_stack_with_the_same_data_directory_is_rejected(env: dict[str, str]) -> None:
    with stack_process(env) as process:
        await_line(process, "starting Kafka")
        with stack_process(env) as second:
            output, _ = second.communicate(timeout=90)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=90)

    assert second.returncode == 8
    assert output.startswith("error: another stack runs in")
    assert len(output.splitlines()) == 1
    assert process.returncode == 0


def test_a_stage_that_dies_ends_the_stack_which_names_it(env: dict[str, str]) -> None:
    with stack_process(env) as process:
        await_line(process, "scored")
        (scorer,) = child_processes(process.pid, "-m stream_app")
        scorer.kill()
        output, _ = process.communicate(timeout=90)

    assert process.returncode == 10
    assert "error: the scorer was killed by signal 9" in output
    assert survivors(env) == []
