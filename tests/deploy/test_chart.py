"""The Helm chart: what it renders is what Kubernetes takes, and what a careful owner would want."""

import json
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator
from kubernetes_validate import validate

from contract.settings import Settings
from monitoring.settings import MonitoringSettings
from producers.settings import ProducerSettings
from stream_app.settings import ScorerSettings
from tests.deploy.charts import CHART, TESTS, helm, program, rendered, template
from tests.deploy.operators import DEFINITIONS, schema
from tests.deploy.programs import PROMETHEUS, ROOT
from tests.support.rules import RUNBOOK_URL
from training.settings import TrainingSettings

PRODUCTION = TESTS / "production.yaml"
TRIAL = TESTS / "trial.yaml"
CERTIFICATES = TESTS / "certificates.yaml"
VERSIONS = ("1.30", "1.34")
"""Of Kubernetes."""

DASHBOARDS = ROOT / "deploy" / "grafana" / "dashboards"

STAGES: dict[str, type[Settings]] = {
    "scorer": ScorerSettings,
    "monitoring": MonitoringSettings,
    "training": TrainingSettings,
    "simulator": ProducerSettings,
}


@pytest.fixture(
    scope="module", params=[PRODUCTION, TRIAL, CERTIFICATES], ids=lambda file: file.stem
)
def objects(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return rendered(request.param)


def workloads(objects: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Stage to the pod that it asks for."""
    for each in objects:
        if each["kind"] in ("StatefulSet", "Deployment", "Job"):
            template = each["spec"]["template"]
            yield template["metadata"]["labels"]["app.kubernetes.io/component"], template["spec"]


def containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod.get("initContainers", []), *pod["containers"]]


def of_kind(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [each for each in objects if each["kind"] == kind]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_matches_the_schema_of_kubernetes(
    objects: list[dict[str, Any]], version: str
) -> None:
    checked = [each for each in objects if each["kind"] not in DEFINITIONS]
    assert len(checked) > 5
    for each in checked:
        validate(each, version, strict=True)


@pytest.mark.parametrize("file", [PRODUCTION, CERTIFICATES], ids=lambda file: file.stem)
def test_every_custom_resource_matches_its_operators_schema(file: Path) -> None:
    checked = [each for each in rendered(file) if each["kind"] in DEFINITIONS]
    assert {each["kind"] for each in checked} == DEFINITIONS.keys()
    for each in checked:
        Draft202012Validator(schema(each["apiVersion"], each["kind"])).validate(each)


@pytest.mark.parametrize("file", [PRODUCTION, TRIAL, CERTIFICATES], ids=lambda file: file.stem)
def test_helm_lint_passes(file: Path) -> None:
    done = helm("lint", "--strict", CHART, "--values", file)
    assert done.returncode == 0, done.stdout
    assert "1 chart(s) linted, 0 chart(s) failed" in done.stdout


@pytest.mark.parametrize(
    "missing", ["image.registry", "kafka.bootstrap", "mlflow.uri", "pages.secret"]
)
def test_missing_required_value_is_named(missing: str) -> None:
    done = template("x", "--values", PRODUCTION, "--set", f"{missing}=")
    assert done.returncode != 0
    assert f"set {missing}" in done.stderr


def test_a_policy_checker_finds_nothing_critical(tmp_path: Path) -> None:
    file = tmp_path / "objects.yaml"
    file.write_text(yaml.safe_dump_all(rendered(PRODUCTION, sets=("simulator.enabled=true",))))
    done = subprocess.run(
        [
            program("kube-score"), "score", file, "--output-format", "ci",
            # a limit of CPU would have a busy worker taken for a stuck one
            "--ignore-test", "container-resources",
            # a tag that never changes needs no pull at each start
            "--ignore-test", "container-image-pull-policy",
            # each writes to a volume of its own
            "--ignore-test", "container-ephemeral-storage-request-and-limit",
        ],
        capture_output=True, check=False, text=True, timeout=60,
    )  # fmt: skip
    critical = [line for line in done.stdout.splitlines() if line.startswith("[CRITICAL]")]
    assert done.stdout.count("[OK]") > 20, done.stdout + done.stderr
    assert critical == []


def test_no_container_is_root_or_writes_to_its_root(objects: list[dict[str, Any]]) -> None:
    pods = dict(workloads(objects))
    assert {"scorer", "monitoring", "training"} <= pods.keys()
    for stage, pod in pods.items():
        assert pod["automountServiceAccountToken"] is False, stage
        assert pod["securityContext"]["runAsNonRoot"] is True, stage
        for container in containers(pod):
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True, stage
            assert context["allowPrivilegeEscalation"] is False, stage
            assert context["capabilities"] == {"drop": ["ALL"]}, stage
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}, stage
            assert "memory" in container["resources"]["limits"], stage


def test_secrets_are_referenced_not_contained(objects: list[dict[str, Any]]) -> None:
    assert of_kind(objects, "Secret") == []
    for stage, pod in workloads(objects):
        for container in containers(pod):
            for variable in container["env"]:
                name = variable["name"]
                if any(word in name for word in ("PASSWORD", "TOKEN", "KEY")):
                    assert name.endswith("_FILE"), (stage, name)
                    assert variable["value"].startswith("/run/secrets/"), (stage, name)


def test_every_variable_is_a_setting_of_its_stage(objects: list[dict[str, Any]]) -> None:
    for stage, pod in workloads(objects):
        known = {f"INTENT_{name.upper()}" for name in STAGES[stage].model_fields}
        known |= {f"{name}_FILE" for name in known}
        for container in containers(pod):
            expected = {
                each["name"] for each in container["env"] if each["name"].startswith("INTENT_")
            }
            assert expected - known == set(), stage


def test_files_of_a_pods_settings_are_mounted(objects: list[dict[str, Any]]) -> None:
    claims = {
        each["metadata"]["name"]: {
            claim["metadata"]["name"] for claim in each["spec"].get("volumeClaimTemplates", [])
        }
        for each in of_kind(objects, "StatefulSet")
    }
    for stage, pod in workloads(objects):
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        for container in containers(pod):
            mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
            claimed = claims.get(f"intent-{stage}", set())
            assert set(mounts.values()) == volumes.keys() | claimed, stage
            for variable in container["env"]:
                if variable["name"].endswith("_FILE"):
                    folder, _, file = variable["value"].rpartition("/")
                    given = volumes[mounts[folder]]["secret"]["items"]
                    assert file in {item["path"] for item in given}, (stage, variable)


def test_worker_id_is_the_name_of_the_pod() -> None:
    pod = dict(workloads(rendered(PRODUCTION)))["scorer"]
    env = {each["name"]: each for each in pod["containers"][0]["env"]}
    named = env["INTENT_WORKER_ID"]["valueFrom"]["fieldRef"]["fieldPath"]
    assert named == "metadata.name"
    assert env["INTENT_STATIC_MEMBERSHIP"]["value"] == "true"
    assert pod["terminationGracePeriodSeconds"] > 8, "a worker is gone after 8 s by itself"


def test_keda_scales_on_the_lag_of_the_scorer_s_own_group_and_topic() -> None:
    objects = rendered(PRODUCTION)
    (scaled,) = of_kind(objects, "ScaledObject")
    (trigger,) = scaled["spec"]["triggers"]
    assert trigger["metadata"]["topic"] == "crm.customers"
    assert trigger["metadata"]["consumerGroup"] == "scorer"
    assert trigger["metadata"]["sasl"] == "scram_sha512"
    assert trigger["metadata"]["tls"] == "enable"
    (login,) = of_kind(objects, "TriggerAuthentication")
    assert trigger["authenticationRef"]["name"] == login["metadata"]["name"]
    (worker,) = [
        each
        for each in objects
        if each["metadata"]["name"] == "intent-scorer" and each["kind"] == "StatefulSet"
    ]
    assert "replicas" not in worker["spec"], "KEDA and Helm would undo each other's number"
    assert scaled["spec"]["scaleTargetRef"] == {
        "apiVersion": "apps/v1", "kind": "StatefulSet", "name": "intent-scorer",
    }  # fmt: skip


def test_keda_uses_the_scorers_client_certificate() -> None:
    (login,) = of_kind(rendered(CERTIFICATES), "TriggerAuthentication")
    expected = {
        each["parameter"]: (each["name"], each["key"]) for each in login["spec"]["secretTargetRef"]
    }
    assert expected == {
        "cert": ("intent-scorer", "tls.crt"),
        "key": ("intent-scorer", "tls.key"),
        "ca": ("kafka-ca", "ca.crt"),
    }


@pytest.mark.parametrize(
    ("sets", "page"),
    [
        ((), "http://intent-monitoring.default:8002/static/alerts.html"),
        (("monitoring.ingress.host=watch.example",), "http://watch.example/static/alerts.html"),
        (
            ("monitoring.ingress.host=watch.example", "monitoring.ingress.tlsSecret=own"),
            "https://watch.example/static/alerts.html",
        ),
        (("prometheus.runbooks=https://wiki.example/alerts",), "https://wiki.example/alerts"),
    ],
)
def test_runbook_url_is_reachable_for_people(sets: tuple[str, ...], page: str) -> None:
    ingress = ("monitoring.ingress.enabled=true",) if "ingress" in str(sets) else ()
    (rule,) = of_kind(rendered(PRODUCTION, sets=(*ingress, *sets)), "PrometheusRule")
    alerts = [
        each for group in rule["spec"]["groups"] for each in group["rules"] if "alert" in each
    ]
    assert alerts
    for alert in alerts:
        assert alert["annotations"]["runbook_url"] == f"{page}#{alert['alert'].lower()}"


def test_prometheus_gets_the_rules_and_the_job_names_that_they_use() -> None:
    objects = rendered(PRODUCTION)
    (rule,) = of_kind(objects, "PrometheusRule")
    shipped = [
        group
        for file in sorted((PROMETHEUS / "rules").glob("*.yml"))
        for group in yaml.safe_load(file.read_text())["groups"]
    ]
    own = "http://intent-monitoring.default:8002/static/alerts.html"
    groups = json.loads(json.dumps(rule["spec"]["groups"]).replace(own, RUNBOOK_URL))
    assert groups == shipped
    (monitor,) = of_kind(objects, "ServiceMonitor")
    assert monitor["spec"]["jobLabel"] == "app.kubernetes.io/component"
    (relabelled,) = monitor["spec"]["endpoints"][0]["relabelings"]
    assert relabelled["targetLabel"] == "release"
    assert "app_kubernetes_io_instance" in relabelled["sourceLabels"][0]
    assert monitor["spec"]["endpoints"][0]["authorization"]["credentials"] == {
        "name": "intent-pages", "key": "token",
    }  # fmt: skip
    selected = monitor["spec"]["selector"]["matchLabels"].items()
    jobs = {
        service["metadata"]["labels"]["app.kubernetes.io/component"]
        for service in of_kind(objects, "Service")
        if selected <= service["metadata"]["labels"].items()
        and any(port["name"] == "http" for port in service["spec"].get("ports", []))
    }
    assert jobs == {"scorer", "monitoring", "training"}


def test_network_policy_allows_only_prometheus_in_and_only_dependencies_out() -> None:
    policies = {
        each["metadata"]["labels"]["app.kubernetes.io/component"]: each["spec"]
        for each in of_kind(rendered(PRODUCTION), "NetworkPolicy")
    }
    assert policies.keys() == {"scorer", "monitoring", "training"}
    for stage, policy in policies.items():
        assert policy["policyTypes"] == ["Ingress", "Egress"]
        sources = [source for rule in policy["ingress"] for source in rule["from"]]
        assert all("namespaceSelector" in source for source in sources), stage
    ports = {port["port"] for rule in policies["scorer"]["egress"] for port in rule["ports"]}
    assert ports == {53, 9096, 443}
    further = rendered(PRODUCTION, sets=("networkPolicy.ports={8081}",))
    for each in of_kind(further, "NetworkPolicy"):
        assert 8081 in {port["port"] for rule in each["spec"]["egress"] for port in rule["ports"]}


def test_settings_of_a_stage_win_and_numbers_are_written_out(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"A": True, "B": 5_000_000, "C": 3, "D": "<x>", "E": 0.25}
    own = {"A": False, "C": 0, "D": ""}
    scorer = {"settings": own, "autoscaling": {"lag": 2_500_000}}
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump({"settings": settings, "scorer": scorer}))
    objects = rendered(PRODUCTION, file)
    found = {
        stage: {each["name"]: each.get("value") for each in containers(pod)[0]["env"]}
        for stage, pod in workloads(objects)
    }
    shared = {"A": "true", "B": "5000000", "C": "3", "D": "<x>", "E": "0.25"}
    expected = {"monitoring": shared, "scorer": shared | {"A": "false", "C": "0", "D": ""}}
    for stage, values in expected.items():
        assert {name: found[stage][f"INTENT_{name}"] for name in values} == values, stage
    (trigger,) = of_kind(objects, "ScaledObject")[0]["spec"]["triggers"]
    assert trigger["metadata"]["lagThreshold"] == "2500000"


def test_stages_of_a_release_with_the_longest_name_have_different_names() -> None:
    done = template("r" * 53, "--values", PRODUCTION, "--set", "simulator.enabled=true")
    assert done.returncode == 0, done.stderr
    services = of_kind([each for each in yaml.safe_load_all(done.stdout) if each], "Service")
    names = {each["metadata"]["name"] for each in services}
    assert len(names) == len(STAGES) == len(services)
    assert max(map(len, names)) == 52, "a StatefulSet adds 11 characters, to 63 at most"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("scorer.replica=5", "replica"),
        ("scorer.replicas=many", "replicas"),
        ("scorers.replicas=5", "scorers"),
        ("monitoring.storage.size=lots", "size"),
        ("settings.INTENT_WINDOW_SECONDS=30", "INTENT_WINDOW_SECONDS"),
        ("scorer.settings.SCORER_GROUP=b", "SCORER_GROUP"),  # scorer.group would win
        ("settings.SESSION_TIMEOUT=60", "SESSION_TIMEOUT"),
        ("networkPolicy.port=8081", "port"),
    ],
)
def test_unknown_value_is_rejected(value: str, expected: str) -> None:
    done = template("x", "--values", PRODUCTION, "--set", value)
    assert done.returncode != 0
    assert expected in done.stderr


def test_schema_of_the_values_matches_the_values() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    Draft7Validator.check_schema(schema)
    Draft7Validator(schema).validate(values)
    assert schema["properties"].keys() - {"global"} == values.keys()
    for name, part in schema["properties"].items():
        if "properties" in part:
            assert part["additionalProperties"] is False, name
            assert part["properties"].keys() == values[name].keys(), name


def test_extra_variables_volumes_and_annotations_reach_the_pod(tmp_path: Path) -> None:
    own: dict[str, Any] = {
        "annotations": {"team": "crm"},
        "env": [{"name": "INTENT_SCHEMA_FILE", "value": "/etc/table/pumps.toml"}],
        "volumes": [{"name": "table", "configMap": {"name": "pumps"}}],
        "volumeMounts": [{"name": "table", "mountPath": "/etc/table", "readOnly": True}],
    }
    more = tmp_path / "more.yaml"
    more.write_text(yaml.safe_dump(dict.fromkeys(STAGES, own)))
    objects = rendered(TRIAL, more)
    found = dict(workloads(objects))
    assert found.keys() == STAGES.keys()
    for pod in found.values():
        assert own["volumes"][0] in pod["volumes"]
        for container in containers(pod):
            assert own["env"][0] in container["env"]
            assert own["volumeMounts"][0] in container["volumeMounts"]
    for each in of_kind(objects, "StatefulSet") + of_kind(objects, "Deployment"):
        assert each["spec"]["template"]["metadata"]["annotations"] == {"team": "crm"}


def test_every_temporary_volume_has_a_size_limit(objects: list[dict[str, Any]]) -> None:
    for stage, pod in workloads(objects):
        temporary = [each["emptyDir"] for each in pod["volumes"] if "emptyDir" in each]
        assert temporary, stage
        assert all("sizeLimit" in each for each in temporary), stage


def test_ingress_is_created_only_if_it_is_enabled() -> None:
    assert of_kind(rendered(PRODUCTION), "Ingress") == []
    controller = "monitoring.ingress.from[0].namespaceSelector.matchLabels.name=ingress"
    sets = ("monitoring.ingress.enabled=true", "monitoring.ingress.tlsSecret=page", controller)
    objects = rendered(PRODUCTION, sets=(*sets, "monitoring.ingress.host=page.example"))
    (ingress,) = of_kind(objects, "Ingress")
    validate(ingress, VERSIONS[-1], strict=True)
    (rule,) = ingress["spec"]["rules"]
    assert rule["host"] == "page.example"
    (path,) = rule["http"]["paths"]
    assert path["backend"]["service"] == {"name": "intent-monitoring", "port": {"name": "http"}}
    policies = {each["metadata"]["name"]: each for each in of_kind(objects, "NetworkPolicy")}
    allowed = {name: len(each["spec"]["ingress"][0]["from"]) for name, each in policies.items()}
    assert allowed == {"intent-scorer": 1, "intent-monitoring": 2, "intent-training": 1}


def test_grafana_gets_the_dashboards_of_the_repository() -> None:
    (found,) = of_kind(rendered(PRODUCTION), "ConfigMap")
    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert found["data"] == {file.name: file.read_text("utf-8") for file in DASHBOARDS.iterdir()}


def test_notes_say_how_to_open_the_page() -> None:
    text = (CHART / "templates" / "NOTES.txt").read_text("utf-8")  # each rendering has them made
    assert 'port-forward service/{{ include "intent.name" $it }} 8002' in text
    assert "get secret {{ .Values.pages.secret }}" in text


def test_chart_pulls_the_images_that_a_release_pushes() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/images.yml").read_text("utf-8"))["jobs"]
    push = workflow["image"]["steps"][-1]["run"]
    assert 'name="$REGISTRY/intent-stream-$ROLE"' in push
    assert '"docker://$name:${TAG#v}"' in push  # of a tag that is v and the version
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert chart["version"] == chart["appVersion"] == project["version"]
    values = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
    assert values["image"]["tag"] == ""
    pulled = {values[stage]["image"] for stage in STAGES}
    roles = workflow["image"]["strategy"]["matrix"]["role"]
    assert pulled <= {f"intent-stream-{role}" for role in roles}
    assert "IMAGE_PREFIX=intent-stream-\n" in (ROOT / "compose" / ".env").read_text("utf-8")


def test_simulator_is_disabled_by_default() -> None:
    assert "simulator" not in dict(workloads(rendered(PRODUCTION)))
    assert "simulator" in dict(workloads(rendered(TRIAL)))
