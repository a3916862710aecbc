"""`python -m deploy.cluster`: what it says is what the cluster then is, run once or twice."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import ConfigResource  # type: ignore[attr-defined]  # typed so

from contract import kafka
from contract.errors import BadSetting, ClusterChangeFailed
from contract.settings import Settings
from deploy.cluster import spec
from deploy.cluster.__main__ import apply, destroy, main
from deploy.cluster.acls import AclRule
from deploy.cluster.spec import ClusterSpec
from tests.support.builders import eventually
from tests.support.cluster import Cluster, run_stage

PIPELINE = Path(__file__).parents[2] / "deploy" / "terraform" / "kafka" / "pipeline.json"


def a_cluster(name: str, *acls: AclRule, partitions: int = 2, **more: Any) -> ClusterSpec:
    """A specification of a topic and a user that no other test has."""
    topic = {"partitions": partitions, "replication_factor": 1, "config": more.get("config", {})}
    user = {"acls": list(acls), "quotas": more.get("quotas", {})}
    return spec.parse_spec(spec.format_spec(_spec(name, topic, user)))


def _spec(name: str, topic: dict[str, Any], user: dict[str, Any]) -> ClusterSpec:
    return ClusterSpec({name: spec.TopicSpec(**topic)}, {name: spec.UserSpec(**user)})


def config(settings: Settings, topic: str, name: str) -> str:
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    client = kafka.create_admin_client(settings)
    (asked,) = client.describe_configs([resource]).values()
    return str(asked.result()[name].value)


READ = AclRule("topic", "customers", False, "read")
WRITE = AclRule("topic", "customers", False, "write")


def test_apply_creates_changes_and_deletes_and_is_idempotent(cluster: Cluster) -> None:
    admin = cluster.admin(Settings)
    first = a_cluster(
        "own", READ, config={"retention.ms": "1000"}, quotas={"producer_byte_rate": 1e6}
    )
    assert apply(admin, first) == (
        "topics: 1 created, 0 changed; ACLs: 1 created, 0 deleted; quotas: 1 changed"
    )
    assert apply(admin, first).count("0") == 5, "nothing is left to do"
    second = a_cluster("own", WRITE, partitions=3, config={"retention.ms": "2000"})
    assert apply(admin, second) == (
        "topics: 0 created, 1 changed; ACLs: 1 created, 1 deleted; quotas: 1 changed"
    )
    assert len(kafka.create_admin_client(admin).list_topics("own").topics["own"].partitions) == 3
    assert config(admin, "own", "retention.ms") == "2000"
    with pytest.raises(ClusterChangeFailed, match="cannot remove partitions"):
        apply(admin, a_cluster("own", partitions=1))
    kept = destroy(admin, second, with_topics=False)
    assert kept == "topics: 0 deleted; ACLs: 1 deleted"
    assert "own" in kafka.create_admin_client(admin).list_topics().topics
    assert destroy(admin, second, with_topics=True) == "topics: 1 deleted; ACLs: 0 deleted"
    assert "own" not in kafka.create_admin_client(admin).list_topics().topics


def test_a_quota_holds_on_the_broker(cluster: Cluster) -> None:
    """What Kafka really throttles: the broker tells the client how long to wait."""
    user = "intent-producer"
    admin = cluster.admin(Settings)
    settings = cluster.settings(Settings, "producer")
    default = spec.default_spec().users[user]
    limited = spec.UserSpec(default.acls, {"producer_byte_rate": 5_000.0})
    apply(admin, ClusterSpec({}, {user: limited}))
    waits: list[float] = []
    try:
        producer = kafka.create_producer(
            settings, throttle_cb=lambda each: waits.append(each.throttle_time)
        )

        def throttled() -> bool:
            producer.produce(settings.topic_outcomes, os.urandom(10_000))
            producer.flush(20)
            return bool(waits)

        eventually(throttled, 60)
    finally:
        apply(admin, ClusterSpec({}, {user: default}))
    assert max(waits) > 0


def test_user_who_is_no_admin_cannot_apply(cluster: Cluster) -> None:
    code, output = run_stage(cluster.settings(Settings, "scorer"), "deploy.cluster", "apply")
    assert code == 12, output
    assert output.startswith("error: Kafka does not allow the user intent-scorer to do this")


def test_printed_specification_can_be_parsed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["json"])
    assert spec.parse_spec(capsys.readouterr().out) == spec.default_spec()
    main(["show"])
    output = capsys.readouterr().out
    assert "intent-scorer:\n" in output
    assert "  write transactional_id scorer-*\n" in output


@pytest.mark.parametrize("text", ["", "{}", '{"topics": {}, "users": {"x": {"acls": [{}]}}}'])
def test_invalid_specification_is_rejected(text: str) -> None:
    with pytest.raises(BadSetting, match="is invalid"):
        spec.parse_spec(text)


def test_pipeline_json_of_terraform_is_up_to_date() -> None:
    written = spec.parse_spec(PIPELINE.read_bytes())
    assert written == spec.default_spec(), "run `make reference`"
    assert json.loads(PIPELINE.read_text())
