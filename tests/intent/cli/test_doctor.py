"""`intent doctor` finds errors and says how to fix them."""

import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from packaging.requirements import Requirement

from contract.settings import Settings, load
from intent.doctor import machine
from intent.doctor.machine import check_libraries
from intent.doctor.result import Status
from intent.doctor.schemas import check_schema_registry
from intent.local.settings import LOOPBACK
from tests.support.builders import environment
from tests.support.fixtures import Intent
from tests.support.ports import free_ports
from tests.support.schema_registry import CUSTOMER_SCHEMA, schema_registry_server

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


def _found(printed: str) -> dict[str, dict[str, str]]:
    return {result["check"]: result for result in msgspec.json.decode(printed)}


def test_no_errors_with_a_broker_and_a_champion(
    command: Intent, settings: Settings, champion: dict[str, str], quiet: dict[str, str]
) -> None:
    registry = {f"INTENT_{name.upper()}": value for name, value in champion.items()}
    env = {**environment(settings), **quiet, **registry, "INTENT_KAFKA_TIMEOUT": "20"}
    ended = command("doctor", "--json", env=env)
    found = _found(ended.stdout)
    assert {name for name, result in found.items() if result["status"] == "error"} == set()
    assert ended.exit_code == 0
    assert found["Kafka"]["status"] == "ok"
    assert found["registry"]["message"].endswith(f"of {champion['model_name']} is the champion")
    assert found["topics"]["status"] == "warning"
    assert settings.topic_customers in found["topics"]["message"]


@pytest.mark.starts
def test_errors_have_a_fix_and_the_exit_code_is_1(
    command: Intent, quiet: dict[str, str], taken: int
) -> None:
    wrong = {
        "INTENT_KAFKA_BOOTSTRAP": NOBODY,
        "INTENT_SCORER_PORT": str(taken),
        "INTENT_MLFLOW_URI": "file:///nowhere/at/all",
        "PREFECT_API_URL": "http://127.0.0.1:1/api",
    }
    ended = command("doctor", "--json", env=quiet | wrong)
    faults = {name: result for name, result in _found(ended.stdout).items() if result["fix"]}
    assert ended.exit_code == 1
    assert set(faults) == {"Kafka", f"port {taken}, scorer", "registry", "Prefect"}
    assert NOBODY in faults["Kafka"]["message"]
    assert "INTENT_SCORER_PORT" in faults[f"port {taken}, scorer"]["fix"]
    assert "INTENT_MLFLOW_URI" in faults["registry"]["fix"]
    assert "PREFECT_API_URL" in faults["Prefect"]["fix"]


@pytest.mark.starts
def test_what_intent_up_does_by_itself_is_no_error(command: Intent, quiet: dict[str, str]) -> None:
    ended = command("doctor", env=quiet)
    assert ended.exit_code == 0, ended.output
    assert f"no broker at 127.0.0.1:{quiet['INTENT_BROKER_PORT']}: `intent up`" in ended.stdout
    assert "car-purchase has no champion yet: `intent train`" in ended.stdout
    assert ended.stdout.endswith("no errors\n")
    assert not Path(quiet["INTENT_DATA_DIR"]).exists()  # it only looks


def test_running_local_broker_is_no_error(
    command: Intent, quiet: dict[str, str], kafka: str
) -> None:
    port = kafka.rpartition(":")[2]
    env = {**quiet, "INTENT_BROKER_PORT": port}
    found = _found(command("doctor", "--json", env=env).stdout)
    assert found[f"port {port}, broker"]["message"] == "the broker is already running"
    assert found["Kafka"]["status"] == "ok"


@pytest.mark.parametrize(
    ("encoding", "kind", "schema", "status", "message"),
    [
        ("avro", "AVRO", CUSTOMER_SCHEMA, Status.OK, "id 1 of customers-value"),
        ("json-schema", "JSON", {"type": "object"}, Status.OK, "id 1 of customers-value"),
        ("avro", "JSON", {"type": "object"}, Status.ERROR, "is a schema of JSON"),
        ("json-schema", "AVRO", CUSTOMER_SCHEMA, Status.ERROR, "is a schema of AVRO"),
        (
            "avro",
            "AVRO",
            {"type": "record", "name": "C", "fields": [{"name": "Gender", "type": "string"}]},
            Status.ERROR,
            "Age is missing; AnnualSalary is missing",
        ),
        ("avro", "AVRO", {"type": "record"}, Status.ERROR, "no Avro schema that can be read"),
    ],
)
def test_latest_schema_is_compared_with_the_encoding_and_with_ours(
    encoding: str, kind: str, schema: Mapping[str, Any], status: Status, message: str
) -> None:
    with schema_registry_server() as registry:
        settings = load(Settings, customers_encoding=encoding, schema_registry_url=registry.url)
        (missing,) = check_schema_registry(settings)
        assert missing.status is Status.WARNING
        assert "no subject customers-value" in missing.message
        registry.register("customers-value", schema, kind)
        (result,) = check_schema_registry(settings)
        assert result.status is status
        assert message in result.message
        assert bool(result.fix) == (status is Status.ERROR)
        registry.available = False
        (away,) = check_schema_registry(settings)
        assert away.status is Status.ERROR
        assert "does not answer" in away.message
        assert "INTENT_SCHEMA_REGISTRY_URL" in away.fix


def test_no_registry_is_asked_for_topics_of_plain_json() -> None:
    assert not list(check_schema_registry(load(Settings, schema_registry_url="http://x.invalid")))


def test_invalid_settings_are_an_error(command: Intent) -> None:
    ended = command("doctor", env={"INTENT_PARTITIONS": "0"})
    assert ended.exit_code == 1
    assert "error    settings" in ended.stdout
    assert "INTENT_PARTITIONS=0" in ended.stdout
    assert "errors: 1" in ended.stdout


@pytest.mark.parametrize(
    ("extra", "wanted", "status", "printed"),
    [
        ("", "click>=8", Status.OK, "click 8"),
        ("", "click>=99", Status.ERROR, "is not >=99"),
        ("", "no-such-thing", Status.ERROR, "missing: no-such-thing"),
        (
            "scorer",
            'no-such-thing; extra == "scorer"',
            Status.WARNING,
            "not installed: no-such-thing",
        ),
        ("scorer", 'click>=99; extra == "scorer"', Status.ERROR, "is not >=99"),
        ("", 'no-such-thing; python_version < "3"', Status.OK, ""),
    ],
)
def test_installed_libraries_are_compared_with_the_requirements(
    extra: str, wanted: str, status: Status, printed: str
) -> None:
    found = check_libraries(extra, [Requirement(wanted)])
    assert found.status is status
    assert printed in found.message
    assert bool(found.fix) is (status is Status.ERROR)


@pytest.mark.parametrize(
    ("free", "status"), [(0.5, Status.ERROR), (2.0, Status.WARNING), (50.0, Status.OK)]
)
def test_little_free_space_is_reported(
    free: float, status: Status, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def usage(_: Path) -> object:
        return type("Usage", (), {"free": free * machine.GIGABYTE})

    monkeypatch.setattr("shutil.disk_usage", usage)
    found = machine.check_free_space("disk", tmp_path / "not" / "made", "INTENT_DATA_DIR")
    assert found.status is status
    assert f"{free:.1f} GB free at {tmp_path}" in found.message
