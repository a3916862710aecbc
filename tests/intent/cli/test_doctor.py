"""`intent doctor` finds what is wrong and says how to mend it."""

import socket
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from packaging.requirements import Requirement

from contract.settings import Settings
from intent.doctor import disk
from intent.doctor.finding import State
from intent.doctor.versions import libraries
from intent.local.settings import LOOPBACK
from tests.support.builders import environment
from tests.support.fixtures import Intent
from tests.support.ports import free_ports

PORTS = (
    "INTENT_BROKER_PORT",
    "INTENT_SCORER_PORT",
    "INTENT_MONITORING_PORT",
    "INTENT_SIMULATOR_PORT",
    "INTENT_PREFECT_PORT",
    "INTENT_TRAINING_PORT",
)
NOBODY = "127.0.0.1:1"


@pytest.fixture
def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Ports that nobody uses, a home that is new, and no broker."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    free = map(str, free_ports(LOOPBACK, len(PORTS)))
    return {
        **dict(zip(PORTS, free, strict=True)),
        "INTENT_DATA_DIR": str(tmp_path / "home"),
        "INTENT_KAFKA_TIMEOUT": "1",
    }


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind((LOOPBACK, 0))
        listening.listen()
        yield listening.getsockname()[1]


def _found(said: str) -> dict[str, dict[str, str]]:
    return {finding["subject"]: finding for finding in msgspec.json.decode(said)}


def test_all_is_well_with_a_broker_and_a_champion(
    command: Intent, settings: Settings, champion: dict[str, str], quiet: dict[str, str]
) -> None:
    registry = {f"INTENT_{name.upper()}": value for name, value in champion.items()}
    env = {**environment(settings), **quiet, **registry, "INTENT_KAFKA_TIMEOUT": "20"}
    ended = command("doctor", "--json", env=env)
    found = _found(ended.stdout)
    assert {subject for subject, each in found.items() if each["state"] == "fault"} == set()
    assert ended.exit_code == 0
    assert found["Kafka"]["state"] == "ok"
    assert found["registry"]["words"].endswith(f"of {champion['model_name']} is the champion")
    assert found["topics"]["state"] == "note"
    assert settings.topic_customers in found["topics"]["words"]


@pytest.mark.starts
def test_faults_are_told_with_their_remedies_and_the_exit_code(
    command: Intent, quiet: dict[str, str], taken: int
) -> None:
    wrong = {
        "INTENT_KAFKA_BOOTSTRAP": NOBODY,
        "INTENT_SCORER_PORT": str(taken),
        "INTENT_MLFLOW_URI": "file:///nowhere/at/all",
        "PREFECT_API_URL": "http://127.0.0.1:1/api",
    }
    ended = command("doctor", "--json", env=quiet | wrong)
    faults = {name: each for name, each in _found(ended.stdout).items() if each["remedy"]}
    assert ended.exit_code == 1
    assert set(faults) == {"Kafka", f"port {taken}, scorer", "registry", "Prefect"}
    assert NOBODY in faults["Kafka"]["words"]
    assert "INTENT_SCORER_PORT" in faults[f"port {taken}, scorer"]["remedy"]
    assert "INTENT_MLFLOW_URI" in faults["registry"]["remedy"]
    assert "PREFECT_API_URL" in faults["Prefect"]["remedy"]


@pytest.mark.starts
def test_what_intent_up_will_do_is_no_fault(command: Intent, quiet: dict[str, str]) -> None:
    ended = command("doctor", env=quiet)
    assert ended.exit_code == 0, ended.output
    assert f"none answers at 127.0.0.1:{quiet['INTENT_BROKER_PORT']}: `intent up`" in ended.stdout
    assert "no champion of car-purchase yet: `intent train` makes one" in ended.stdout
    assert ended.stdout.endswith("all is well\n")
    assert not Path(quiet["INTENT_DATA_DIR"]).exists()  # it only looks


def test_a_broker_on_our_port_is_no_fault(
    command: Intent, quiet: dict[str, str], kafka: str
) -> None:
    port = kafka.rpartition(":")[2]
    env = {**quiet, "INTENT_BROKER_PORT": port}
    found = _found(command("doctor", "--json", env=env).stdout)
    assert found[f"port {port}, broker"]["words"] == "the broker runs there already"
    assert found["Kafka"]["state"] == "ok"


def test_settings_that_cannot_be_used_are_a_fault(command: Intent) -> None:
    ended = command("doctor", env={"INTENT_PARTITIONS": "0"})
    assert ended.exit_code == 1
    assert "fault  settings" in ended.stdout
    assert "INTENT_PARTITIONS=0" in ended.stdout
    assert "to be mended: 1" in ended.stdout


@pytest.mark.parametrize(
    ("extra", "wanted", "state", "said"),
    [
        ("", "click>=8", State.OK, "click 8"),
        ("", "click>=99", State.FAULT, "is not >=99"),
        ("", "no-such-thing", State.FAULT, "missing: no-such-thing"),
        ("scorer", 'no-such-thing; extra == "scorer"', State.NOTE, "not installed: no-such-thing"),
        ("scorer", 'click>=99; extra == "scorer"', State.FAULT, "is not >=99"),
        ("", 'no-such-thing; python_version < "3"', State.OK, ""),
    ],
)
def test_libraries_are_those_that_are_wanted(
    extra: str, wanted: str, state: State, said: str
) -> None:
    found = libraries(extra, [Requirement(wanted)])
    assert found.state is state
    assert said in found.words
    assert bool(found.remedy) is (state is State.FAULT)


@pytest.mark.parametrize(
    ("free", "state"), [(0.5, State.FAULT), (2.0, State.NOTE), (50.0, State.OK)]
)
def test_little_room_is_told(
    free: float, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def usage(_: Path) -> object:
        return type("Usage", (), {"free": free * disk.GIGABYTE})

    monkeypatch.setattr("shutil.disk_usage", usage)
    found = disk.room("disk", tmp_path / "not" / "made", "INTENT_DATA_DIR")
    assert found.state is state
    assert f"{free:.1f} GB free at {tmp_path}" in found.words
