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
from deploy.cluster import document
from deploy.cluster.__main__ import apply, destroy, main
from deploy.cluster.document import Document
from deploy.cluster.grants import Grant
from tests.support.builders import eventually
from tests.support.cluster import Cluster, run_stage

PIPELINE = Path(__file__).parents[2] / "deploy" / "terraform" / "kafka" / "pipeline.json"


def wish(name: str, *grants: Grant, partitions: int = 2, **more: Any) -> Document:
    """A document of a topic and a user that no other test has."""
    topic = {"partitions": partitions, "replication_factor": 1, "config": more.get("config", {})}
    user = {"grants": list(grants), "quotas": more.get("quotas", {})}
    return document.read(document.write(_document(name, topic, user)))


def _document(name: str, topic: dict[str, Any], user: dict[str, Any]) -> Document:
    return Document({name: document.TopicWish(**topic)}, {name: document.UserWish(**user)})


def config(settings: Settings, topic: str, name: str) -> str:
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    client = kafka.create_admin_client(settings)
    (asked,) = client.describe_configs([resource]).values()
    return str(asked.result()[name].value)


READ = Grant("topic", "customers", False, "read")
WRITE = Grant("topic", "customers", False, "write")


def test_it_makes_changes_and_takes_away_and_does_nothing_twice(cluster: Cluster) -> None:
    admin = cluster.admin(Settings)
    first = wish("own", READ, config={"retention.ms": "1000"}, quotas={"producer_byte_rate": 1e6})
    assert apply(admin, first) == (
        "topics: 1 made, 0 changed; rights: 1 given, 0 taken away; quotas: 1 changed"
    )
    assert apply(admin, first).count("0") == 5, "nothing is left to do"
    second = wish("own", WRITE, partitions=3, config={"retention.ms": "2000"})
    assert apply(admin, second) == (
        "topics: 0 made, 1 changed; rights: 1 given, 1 taken away; quotas: 1 changed"
    )
    assert len(kafka.create_admin_client(admin).list_topics("own").topics["own"].partitions) == 3
    assert config(admin, "own", "retention.ms") == "2000"
    with pytest.raises(ClusterChangeFailed, match="takes none away"):
        apply(admin, wish("own", partitions=1))
    kept = destroy(admin, second, with_topics=False)
    assert kept == "topics: 0 deleted; rights: 1 taken away"
    assert "own" in kafka.create_admin_client(admin).list_topics().topics
    assert destroy(admin, second, with_topics=True) == "topics: 1 deleted; rights: 0 taken away"
    assert "own" not in kafka.create_admin_client(admin).list_topics().topics


def test_a_quota_holds_on_the_broker(cluster: Cluster) -> None:
    """What Kafka really throttles: the broker tells the client how long to wait."""
    user = "intent-producer"
    admin = cluster.admin(Settings)
    settings = cluster.settings(Settings, "producer")
    default = document.default().users[user]
    limited = document.UserWish(default.grants, {"producer_byte_rate": 5_000.0})
    apply(admin, Document({}, {user: limited}))
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
        apply(admin, Document({}, {user: default}))
    assert max(waits) > 0


def test_a_user_who_is_no_admin_changes_nothing(cluster: Cluster) -> None:
    code, said = run_stage(cluster.settings(Settings, "scorer"), "deploy.cluster", "apply")
    assert code == 12, said
    assert said.startswith("error: Kafka does not allow the user intent-scorer to do this")


def test_what_it_prints_it_also_reads(capsys: pytest.CaptureFixture[str]) -> None:
    main(["json"])
    assert document.read(capsys.readouterr().out) == document.default()
    main(["show"])
    said = capsys.readouterr().out
    assert "intent-scorer:\n" in said
    assert "  write transactional_id scorer-*\n" in said


@pytest.mark.parametrize("text", ["", "{}", '{"topics": {}, "users": {"x": {"grants": [{}]}}}'])
def test_a_document_that_does_not_fit_is_told(text: str) -> None:
    with pytest.raises(BadSetting, match="does not fit"):
        document.read(text)


def test_terraform_s_map_is_that_of_the_code() -> None:
    written = document.read(PIPELINE.read_bytes())
    assert written == document.default(), "run `make reference`"
    assert json.loads(PIPELINE.read_text())
