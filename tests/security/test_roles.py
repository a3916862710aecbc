"""Each stage does its whole work as its own user, over TLS, with that user's rights alone."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from contract import kafka
from contract.settings import Settings
from contract.topics import topics
from monitoring.settings import MonitoringSettings
from producers.settings import ProducerSettings
from stream_app.settings import ScorerSettings
from tests.support.builders import eventually
from tests.support.cluster import TOKEN, Cluster, run_stage
from tests.support.monitor import monitoring_process
from tests.support.ports import free_ports
from tests.support.scorer import worker_process


def read(settings: Settings, topic: str, until: Callable[[bytes], bool]) -> None:
    """Reads as a member of a group and commits, until a value is found."""
    consumer = kafka.create_consumer(settings, "reader-app")
    consumer.subscribe([topic])

    def found() -> bool:
        messages = [each for each in consumer.consume(1_000, 0.1) if each.error() is None]
        for each in messages:
            consumer.commit(message=each, asynchronous=False)
        return any(until(each.value() or b"") for each in messages)

    try:
        eventually(found, 60)
    finally:
        consumer.close()


def status(port: int, path: str, authorization: str = "") -> int:
    """What a page answers."""
    headers = {"Authorization": authorization} if authorization else {}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310  ours
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


BEARER = f"Bearer {TOKEN}"
BASIC = "Basic " + base64.b64encode(f"anybody:{TOKEN}".encode()).decode()
WRONG = ("", "Bearer no", "Basic bm8=", TOKEN)


def test_producer_publishes(cluster: Cluster) -> None:
    (port,) = free_ports("127.0.0.1", 1)
    settings = cluster.settings(
        ProducerSettings, "producer", rate=0, records=200, simulator_port=port, outcome_delay=0.01
    )
    code, output = run_stage(settings, "producers")
    assert code == 0, output
    assert "published 200 records" in output


def test_scorer_scores_and_its_pages_want_the_token(
    cluster: Cluster, champion: dict[str, str], tmp_path: Path
) -> None:
    (port,) = free_ports("127.0.0.1", 1)
    settings = cluster.settings(
        ScorerSettings,
        "scorer",
        **champion,
        data_dir=tmp_path,
        scorer_port=port,
        dead_letter_min_records=0,
        listen_token=SecretStr(TOKEN),
    )
    producer = kafka.create_producer(cluster.settings(Settings, "producer"))
    record = {"id": "secured", "Gender": "Male", "Age": 35, "AnnualSalary": 20000}
    producer.produce(settings.topic_customers, json.dumps(record).encode())
    assert producer.flush(20) == 0
    with worker_process(settings):
        predictions = topics(settings).predictions.name
        reader = cluster.settings(Settings, "reader")
        read(reader, predictions, lambda value: b'"secured"' in value)
        assert [status(port, "/metrics", each) for each in (BEARER, BASIC)] == [200, 200]
        for wrong in WRONG:
            assert status(port, "/metrics", wrong) == 401
            assert status(port, "/router", wrong) == 401, "Faust's own pages"
        assert [status(port, path) for path in ("/healthz", "/readyz")] == [200, 200]


def test_monitoring_runs_and_its_pages_want_the_token(
    cluster: Cluster, champion: dict[str, str], tmp_path: Path
) -> None:
    (port,) = free_ports("127.0.0.1", 1)
    settings = cluster.settings(
        MonitoringSettings,
        "monitoring",
        **champion,
        data_dir=tmp_path,
        monitoring_port=port,
        listen_token=SecretStr(TOKEN),
    )
    with monitoring_process(settings):
        for path in ("/", "/windows.json", "/metrics"):
            assert status(port, path, BEARER) == 200
            assert [status(port, path, wrong) for wrong in WRONG] == [401] * len(WRONG)
        assert status(port, "/reports/x", "") == 401
        assert status(port, "/healthz") == 200


@pytest.mark.parametrize("arguments", [("list",), ("show", "--json"), ("redrive", "--all")])
def test_dead_letters_are_listed_and_redriven(cluster: Cluster, arguments: tuple[str, ...]) -> None:
    code, output = run_stage(
        cluster.settings(ScorerSettings, "redrive"), "intent.cli", "dead-letters", *arguments
    )
    assert code == 0, output


def test_role_without_acls_is_reported_on_one_line_with_a_fix(
    cluster: Cluster, champion: dict[str, str], tmp_path: Path
) -> None:
    settings = cluster.settings(
        ScorerSettings,
        "reader",
        **champion,
        data_dir=tmp_path,
        scorer_port=free_ports("127.0.0.1", 1)[0],
    )
    code, output = run_stage(settings, "stream_app")
    assert code == 12, output
    (line,) = [each for each in output.splitlines() if each.startswith("error: ")]
    assert "intent-reader" in line
    assert "deploy.cluster" in line
