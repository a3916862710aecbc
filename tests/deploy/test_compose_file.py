"""compose.yaml: what Docker accepts, its variables, and what nobody may reach or do."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract.settings import env_variable
from tests.deploy.composed import FOLDER, asked, networks, services, variables
from tests.deploy.dockerfile import stages
from tests.deploy.programs import ROOT
from tests.deploy.schemas import fits
from tools.containers import SERVICES as STAGES
from tools.containers import pages

SERVICES = services()
ENDING = {"topics", "champion"}
"""They do their work and end; the others last."""


@pytest.mark.parametrize("name", ["compose.yaml", "settings.yaml"])
def test_file_matches_the_compose_specification(name: str) -> None:
    fits("compose-spec", FOLDER / name)


def test_env_file_has_every_variable_and_no_unused_one() -> None:
    assert asked() == set(variables())


def test_every_variable_has_a_comment() -> None:
    text = (FOLDER / ".env").read_text(encoding="utf-8")
    for block in text.split("\n\n"):
        assert block.startswith("#"), block


@pytest.mark.parametrize(("name", "text"), pages().items())
def test_generated_files_are_up_to_date(name: str, text: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == text, "run `make reference`"


def test_override_file_of_the_page_is_valid_and_its_files_exist(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "compose.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    file = tmp_path / "compose.override.yaml"
    file.write_text(block, encoding="utf-8")
    fits("compose-spec", file)
    configured = yaml.safe_load(block)["services"]
    known = {env_variable(field) for stage in STAGES.values() for field in stage.model_fields}
    assert set(configured) == {
        name for name, service in SERVICES.items() if asks_for_settings(service)
    }
    for service in configured.values():
        (mount,) = service["volumes"]
        here, there, _ = mount.split(":")
        for name, value in service["environment"].items():
            assert name in known
            assert (FOLDER / here / Path(value).relative_to(there)).is_file()


def asks_for_settings(service: dict[str, Any]) -> bool:
    """Whether it is one of our stages."""
    return "INTENT_KAFKA_BOOTSTRAP" in service["environment"]


def test_setting_is_passed_only_to_stages_that_have_it() -> None:
    configured = services(INTENT_WINDOW_SECONDS="17")
    assert {
        name
        for name, service in configured.items()
        if "INTENT_WINDOW_SECONDS" in service["environment"]
    } == {"monitoring"}


def test_stage_gets_no_password_of_another_stage() -> None:
    secrets = {"POSTGRES_PASSWORD": "one-secret", "GRAFANA_PASSWORD": "another-secret"}
    configured = services(**secrets)
    assert [
        name for name, service in configured.items() if "one-secret" in json.dumps(service)
    ] == [
        "postgres",
        "mlflow",
    ]
    assert [
        name for name, service in configured.items() if "another-secret" in json.dumps(service)
    ] == ["grafana"]


def test_ports_are_bound_to_loopback_by_default() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == len(set(ports)) == 7
    assert all(port.startswith("127.0.0.1:") for port in ports)
    opened = services(BIND_ADDRESS="192.0.2.1").values()
    assert all(port.startswith("192.0.2.1:") for each in opened for port in each.get("ports", []))


def test_only_services_with_pages_and_alertmanager_are_on_the_outside_network() -> None:
    assert networks()["inside"] == {"internal": True}
    out = {name for name, service in SERVICES.items() if "outside" in service["networks"]}
    assert out == {name for name, service in SERVICES.items() if "ports" in service}
    assert all("inside" in service["networks"] for service in SERVICES.values())


def test_the_scorer_can_be_scaled() -> None:
    scorer = SERVICES["scorer"]
    assert not {"ports", "container_name", "hostname", "volumes"} & scorer.keys()
    assert "INTENT_WORKER_ID" not in scorer["environment"]
    assert services(SCORER_REPLICAS="3")["scorer"]["scale"] == 3


@pytest.mark.parametrize(("name", "service"), SERVICES.items())
def test_services_drop_capabilities_and_have_limits(name: str, service: dict[str, Any]) -> None:
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "pid", "network_mode"} & service.keys()
    assert {"cpus", "memory", "pids"} == set(service["deploy"]["resources"]["limits"])
    if name != "redpanda":  # its start script writes its configuration; its image has a user
        assert service["read_only"] is True
        user = service.get("user") or stages()[service["build"]["target"]].user
        assert int(user.partition(":")[0]) > 0


@pytest.mark.parametrize(("name", "service"), SERVICES.items())
def test_long_running_services_restart_and_have_a_health_check(
    name: str, service: dict[str, Any]
) -> None:
    if name in ENDING:
        assert "healthcheck" not in service
        assert service["restart"] == "on-failure:5"
    else:
        assert service["healthcheck"]["test"]
        assert service["restart"] == ("on-failure" if name == "simulator" else "unless-stopped")


def test_services_wait_until_their_dependencies_are_healthy_or_completed() -> None:
    for service in SERVICES.values():
        for needed, how in service.get("depends_on", {}).items():
            ended = needed in ENDING
            assert how == {
                "condition": "service_completed_successfully" if ended else "service_healthy"
            }
    for name in ("scorer", "monitoring", "training"):
        assert SERVICES[name]["depends_on"].keys() == ENDING


def test_images_are_pinned() -> None:
    theirs = {service["image"] for service in SERVICES.values() if "build" not in service}
    exact = [
        image for image in theirs if re.search(r":v?\d+\.\d+(\.\d+)?(-\w+)?(@sha256:|$)", image)
    ]
    assert set(exact) == theirs
    by_tag_alone = [image for image in theirs if "@sha256:" not in image]
    assert [image.split(":")[0] for image in by_tag_alone] == [
        "docker.redpanda.com/redpandadata/redpanda"
    ]
    assert all("@sha256:" in stage.image for stage in stages().values() if ":" in stage.image)


def test_mounted_files_exist() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert Path(FOLDER, source).exists(), source


def test_every_image_of_ours_is_built() -> None:
    targets = {service["build"]["target"] for service in SERVICES.values() if "build" in service}
    made = {name for name in stages() if name not in ("base", "builder")}
    assert targets == {name for name in made if not name.endswith("-environment")}


def test_commands_are_those_of_the_image_or_plain_python() -> None:
    """No image of ours has a shell script between its command and what is run."""
    for service in SERVICES.values():
        if "build" in service:
            command = service.get("command") or stages()[service["build"]["target"]].command
            assert command[:2] == ["python", "-m"], shlex.join(command)
