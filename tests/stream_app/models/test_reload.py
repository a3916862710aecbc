"""Model reload of two workers on a real broker."""

import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from contract.kafka import create_admin_client, ensure_topics
from contract.registry import MODEL_FILE
from contract.schema import CARS
from contract.settings import load
from contract.topics import topics
from intent.local.kafka.broker import LocalBroker
from intent.local.settings import LocalSettings
from stream_app.models.loader import load_cached_model
from stream_app.models.registries.sqlite_registry import SqliteRegistry
from stream_app.settings import ScorerSettings
from tests.stream_app.models.traffic import (
    VALUES,
    each_once,
    predictions,
    traffic,
    versions_by_batch,
)
from tests.support.builders import eventually
from tests.support.ports import free_ports
from tests.support.scorer import worker_process
from tests.support.versions import MODEL_NAME, RegistryCopy, copy_registry

POLL_INTERVAL = 0.5

RELOAD_SECONDS = POLL_INTERVAL + 0.5
"""Seconds after which a cached version serves: a poll, the load, a pending batch."""


class Pair:
    """Two workers of one group, and the registry whose aliases they follow."""

    def __init__(self, workers: list[ScorerSettings], registry: RegistryCopy) -> None:
        self.workers = workers
        self.registry = registry
        self.settings = workers[0]

    def metric(self, worker: ScorerSettings, name: str, **labels: str) -> float:
        """A value of /metrics; 0 if it is missing."""
        address = f"http://127.0.0.1:{worker.scorer_port}/metrics"
        with urllib.request.urlopen(address, timeout=5) as reply:
            text = reply.read().decode()
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def all_serve(self, version: str) -> bool:
        return all(
            self.metric(each, "intent_scorer_model_info", version=version) for each in self.workers
        )

    def all_shadow(self, version: str) -> bool:
        return all(
            self.metric(each, "intent_scorer_shadow_version", version=version)
            for each in self.workers
        )

    def wait_for_commits(self) -> None:
        """Waits for two more batches of each worker, so that one begins and ends from now on."""
        name = "intent_scorer_transactions_total"
        for each in self.workers:
            enough = self.metric(each, name, result="committed") + 2
            eventually(
                lambda each=each, enough=enough: (  # type: ignore[misc]
                    self.metric(each, name, result="committed") >= enough
                )
            )

    def set_alias(self, alias: str, version: str) -> None:
        self.registry.point(alias, version)


ABORT_CHECK_MS = 200
"""Interval in which the broker checks for overdue transactions."""


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker that aborts overdue transactions at once: a delay would hide late workers."""
    folder = tmp_path_factory.mktemp("punctual")
    with LocalBroker(
        folder / "broker",
        load(LocalSettings).cache_dir,
        folder / "broker.log",
        transaction_abort_timed_out_transaction_cleanup_interval_ms=ABORT_CHECK_MS,
    ) as broker:
        yield broker.bootstrap


@pytest.fixture(scope="module")
def pair(
    kafka: str, versions: Path, compiled_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    home = tmp_path_factory.mktemp("pair")
    registry = copy_registry(versions, home / "registry")
    (home / "compiled").symlink_to(compiled_home / "compiled")
    own = uuid.uuid4().hex[:12]
    ports = free_ports("127.0.0.1", 2)
    workers = [
        load(
            ScorerSettings,
            kafka_bootstrap=kafka,
            mlflow_uri=registry.uri,
            data_dir=home,
            model_poll_interval=POLL_INTERVAL,
            worker_id=f"{own}-{port}",
            scorer_group=f"scorer-{own}",
            scorer_port=port,
            session_timeout=6,
            topic_customers=f"customers.{own}",
            topic_predictions=f"predictions.{own}",
            topic_outcomes=f"outcomes.{own}",
            topic_dead_letters=f"dead-letters.{own}",
        )
        for port in ports
    ]
    ensure_topics(workers[0], topics(workers[0]))
    with ExitStack() as running:
        for each in workers:
            running.enter_context(worker_process(each))
        yield Pair(workers, registry)


@pytest.fixture(autouse=True)
def _start_from_version_1(pair: Pair) -> None:
    for alias in ("challenger", "previous"):
        pair.registry.drop(alias)
    pair.set_alias("champion", "1")
    eventually(lambda: pair.all_serve("1"), deadline=20)


def probabilities(settings: ScorerSettings, version: str) -> list[float]:
    """A version's probabilities for the values that the traffic repeats."""
    model = load_cached_model(
        settings, SqliteRegistry(settings.registry_uri, MODEL_NAME).version(version)
    )
    assert model is not None
    records = CARS.codec.decode_customers(VALUES).events
    return [float(each) for each in model.outputs(records)]


def test_reloads_under_load_lose_no_record_and_mix_no_versions(pair: Pair) -> None:
    before = len(predictions(pair.settings, pair.settings.topic_predictions))
    with traffic(pair.settings, 10_000) as sent:
        for version in ("2", "3", "1", "2", "3"):
            pair.set_alias("champion", version)
            eventually(partial(pair.all_serve, version), deadline=20)
            pair.wait_for_commits()
    scored = predictions(pair.settings, pair.settings.topic_predictions, before + sent.sent)
    assert each_once(scored, before + sent.sent)
    assert {each.model_version for each in scored} == {"1", "2", "3"}
    assert {len(each) for each in versions_by_batch(scored).values()} == {1}
    says = {version: set(probabilities(pair.settings, version)) for version in ("1", "2", "3")}
    assert all(each.probability in says[each.model_version] for each in scored)


def test_both_workers_follow_a_rollback_within_the_poll_interval(pair: Pair) -> None:
    pair.set_alias("champion", "2")
    eventually(lambda: pair.all_serve("2"), deadline=20)
    before = len(predictions(pair.settings, pair.settings.topic_predictions))
    with traffic(pair.settings, 1_000) as sent:
        eventually(lambda: sent.sent > 500)
        pair.set_alias("champion", "1")
        moved = time.time() * 1000
        eventually(lambda: pair.all_serve("1"), deadline=20)
        eventually(lambda: time.time() * 1000 > moved + 2 * RELOAD_SECONDS * 1000)
    scored = predictions(pair.settings, pair.settings.topic_predictions, before + sent.sent)
    late = [each for each in scored if each.scored_at > moved + RELOAD_SECONDS * 1000]
    assert {each.partition for each in late} == set(range(pair.settings.partitions))
    assert {each.model_version for each in late} == {"1"}


def test_shadow_scores_the_same_records_and_does_not_affect_predictions(pair: Pair) -> None:
    pair.set_alias("challenger", "2")
    eventually(lambda: pair.all_shadow("2"))
    shadow = topics(pair.settings).shadow.name
    before = len(predictions(pair.settings, pair.settings.topic_predictions))
    unseen = len(predictions(pair.settings, shadow))
    with traffic(pair.settings, 2_000) as sent:
        eventually(lambda: sent.sent > 2_000)
    scored = predictions(pair.settings, pair.settings.topic_predictions, before + sent.sent)
    shadowed = predictions(pair.settings, shadow, unseen + sent.sent)
    assert each_once(scored, before + sent.sent)
    assert each_once(shadowed, unseen + sent.sent)
    deciding = {(each.partition, each.offset): each for each in scored}
    pairs = [(deciding[each.partition, each.offset], each) for each in shadowed]
    assert {each.model_version for _, each in pairs} == {"2"}
    assert {each.model_version for each, _ in pairs} == {"1"}
    assert all(one.id == other.id for one, other in pairs)
    says = set(probabilities(pair.settings, "2"))
    assert all(each.probability in says for each in shadowed)
    others = sum(one.prediction != other.prediction for one, other in pairs)
    assert others > 0
    labels = {"champion": "1", "version": "2"}
    totals = [
        sum(pair.metric(each, f"intent_scorer_shadow_{name}_total", **labels)
            for each in pair.workers)
        for name in ("records", "disagreements")
    ]  # fmt: skip
    assert totals == [len(pairs), others]


def test_rejected_champion_and_unavailable_registry_stop_nothing(pair: Pair) -> None:
    file = pair.registry.folder("3") / MODEL_FILE
    sound = file.read_bytes()
    began = time.time() * 1000
    before = len(predictions(pair.settings, pair.settings.topic_predictions))
    with traffic(pair.settings, 1_000) as sent:
        file.write_bytes(sound + b"\0")
        pair.set_alias("champion", "3")
        refused = {"role": "champion", "version": "3", "reason": "digest"}
        name = "intent_scorer_model_rejected"
        eventually(lambda: all(pair.metric(each, name, **refused) for each in pair.workers))
        file.write_bytes(sound)
        tables = pair.registry.tables
        away = tables.rename(tables.with_name("away"))
        silent = "intent_scorer_registry_sync_age_seconds"
        eventually(
            lambda: all(pair.metric(each, silent) > 3 * POLL_INTERVAL for each in pair.workers)
        )
        away.rename(tables)
        pair.set_alias("champion", "2")
        eventually(lambda: pair.all_serve("2"))
    scored = predictions(pair.settings, pair.settings.topic_predictions, before + sent.sent)
    assert each_once(scored, before + sent.sent)
    assert {each.model_version for each in scored if each.scored_at > began} == {"1", "2"}


def test_deleted_shadow_topic_does_not_affect_predictions(
    pair: Pair,
) -> None:
    before = len(predictions(pair.settings, pair.settings.topic_predictions))
    pair.set_alias("challenger", "2")
    refused = {"role": "shadow", "version": "2", "reason": "failed"}
    with traffic(pair.settings, 500) as sent:
        eventually(lambda: pair.all_shadow("2"))
        client = create_admin_client(pair.settings)
        (deleted,) = client.delete_topics([topics(pair.settings).shadow.name]).values()
        deleted.result(20)
        eventually(
            lambda: all(
                pair.metric(each, "intent_scorer_model_rejected", **refused)
                for each in pair.workers
            ),
            deadline=60,
        )
    scored = predictions(pair.settings, pair.settings.topic_predictions, before + sent.sent)
    assert each_once(scored, before + sent.sent)
