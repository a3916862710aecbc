"""Trainings beside a stream whose target drifted, and then beside one whose labels are flipped."""

import logging
import uuid
from dataclasses import dataclass, replace

import mlflow.artifacts
import numpy as np
import pandas as pd
import pytest
from mlflow.tracking import MlflowClient

from benchmarks.drift.streams import frame
from contract import codec
from contract import kafka as clients
from contract.errors import BrokerUnreachable, ModelUnavailable, RunIncomplete
from contract.model.version import ModelRejected
from contract.registry import DIGEST_TAG, REFERENCE_FILE
from contract.schema import CARS
from contract.schema.cars import CustomerRecord, Outcome
from contract.settings import load
from contract.topics import topics
from data.population import Population, RandomStreams
from tests.support.builders import produce
from training import commands, model_loading, promotion, provenance, registry, reproduce
from training.gate import report
from training.lookback import rows as training_rows
from training.registry_client import champion_version, version_with_alias
from training.settings import TrainingSettings
from training.steps import add_stream_rows, load_dataset, train_and_promote
from training.trigger import Trigger

MOVED = Population(age_shift=8, salary_factor=1.2, concept_shift=3)
ROWS = 3_000
ALERT = Trigger("alert", "incident-7", "accuracy fell")


@dataclass(frozen=True)
class Story:
    """`first` became champion, `second` replaced it, `third` had flipped labels."""

    settings: TrainingSettings
    first: str
    second: str
    third: str
    stream: pd.DataFrame

    def tags(self, version: str) -> dict[str, str]:
        return dict(registry.read_run(self.settings, version).tags)

    def csv(self, version: str, path: str) -> pd.DataFrame:
        client = MlflowClient(self.settings.registry_uri, self.settings.registry_uri)
        run = client.get_model_version(self.settings.model_name, version).run_id
        return pd.read_csv(mlflow.artifacts.download_artifacts(run_id=run, artifact_path=path))


def publish(settings: TrainingSettings, run: str, flipped: bool) -> pd.DataFrame:
    """Publishes customers of the drifted population with their outcomes, or with flipped ones."""
    sample = MOVED.sample(ROWS, RandomStreams.spawn(np.random.default_rng(len(run))))
    rows = frame(sample)
    names = [f"{run}-{number}" for number in range(ROWS)]
    labels = 1 - rows[CARS.target.name] if flipped else rows[CARS.target.name]
    columns = (rows[name] for name in CARS.features)
    values = [
        codec.encode(CustomerRecord(gender, age, salary, name))
        for name, gender, age, salary in zip(names, *columns, strict=True)
    ]
    outcomes = [codec.encode(Outcome(*pair)) for pair in zip(names, labels.tolist(), strict=True)]
    produce(settings.kafka_bootstrap, settings.topic_customers, values)
    produce(settings.kafka_bootstrap, settings.topic_outcomes, outcomes)
    return rows


@pytest.fixture(scope="module")
def story(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Story:
    suffix = uuid.uuid4().hex[:12]
    settings = load(
        TrainingSettings,
        kafka_bootstrap=kafka,
        topic_customers=f"customers-{suffix}",
        topic_outcomes=f"outcomes-{suffix}",
        data_dir=tmp_path_factory.mktemp("home"),
        lookback_max_rows=ROWS,
        evaluation_rows=ROWS // 2,
    )
    ensure(settings)
    unreachable = settings.model_copy(update={"kafka_bootstrap": "127.0.0.1:1"})
    first = train_and_promote(unreachable)
    stream = publish(settings, "moved", flipped=False)
    second = train_and_promote(settings, trigger=ALERT)
    publish(settings, "poisoned", flipped=True)
    third = train_and_promote(settings, trigger=Trigger("schedule"))
    return Story(settings, first, second, third, stream)


def ensure(settings: TrainingSettings) -> None:
    clients.ensure_topics(settings, [topics(settings).customers, topics(settings).outcomes])


def test_initial_model_needs_no_broker(story: Story) -> None:
    assert story.tags(story.first)["promotion.decision"] == "promoted"


def test_model_of_the_drifted_target_is_promoted_and_its_run_says_why(story: Story) -> None:
    run = registry.read_run(story.settings, story.second)
    assert run.tags["gate"] == "passed", run.tags["gate.reason"]
    assert run.tags["promotion.decision"] == "promoted"
    assert run.tags["promotion.previous_champion"] == story.first
    assert run.tags["trigger.kind"] == "alert"
    assert run.tags["trigger.incident"] == "incident-7"
    assert run.params["rows"] == str(1_000 + ROWS)
    assert run.params["stream_rows"] == str(ROWS)
    assert int(run.params["lookback_rows"]) <= ROWS
    assert run.metrics["gate/held-out"] > 0
    assert run.metrics["gate/newest"] > 0


def test_reference_set_is_of_the_drifted_stream(story: Story) -> None:
    reference = story.csv(story.second, REFERENCE_FILE)
    assert len(reference) == ROWS // 2
    age = CARS.features[1]
    assert reference[age].mean() == pytest.approx(story.stream[age].mean(), abs=1)
    assert story.csv(story.first, REFERENCE_FILE)[age].mean() < story.stream[age].mean() - 5


def test_model_of_flipped_labels_is_rejected_kept_and_tagged(story: Story) -> None:
    tags = story.tags(story.third)
    assert tags["gate"] == "failed"
    assert tags["promotion.decision"] == "rejected"
    assert "rank correlation" in tags["promotion.reason"]
    assert champion_version(story.settings) == story.second
    model_loading.load_model(story.settings, story.third)


@pytest.mark.parametrize(("number", "result"), [("second", "Passed"), ("third", "Rejected")])
def test_run_has_the_report_of_the_gate(story: Story, number: str, result: str) -> None:
    page = registry.read_artifact(story.settings, getattr(story, number), report.ARTIFACT).decode()
    assert f"<h1>{result}</h1>" in page
    assert "Gender Female" in page


def test_version_is_reproduced_from_its_logged_rows(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in (story.first, story.second, story.third):
        assert reproduce.reproduce(story.settings, version).max_difference == 0
    result = commands.reproduce(story.settings, story.second)
    assert result == "version 2 is reproducible: equal model from its 4000 rows"
    run = registry.read_run(story.settings, "2")
    other = replace(run, params={**run.params, "random_state": "3"})
    monkeypatch.setattr(registry, "read_run", lambda *_: other)
    with pytest.raises(RunIncomplete, match="version 2 is not reproducible here"):
        commands.reproduce(story.settings, story.second)


def test_rows_that_were_changed_are_not_trained_from(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = registry.read_artifact(story.settings, "2", training_rows.ARTIFACT)
    assert provenance.text_sha256(text.decode()) == story.tags("2")["data.artifact_sha256"]
    monkeypatch.setattr(registry, "read_artifact", lambda *_: text.replace(b",1\n", b",0\n", 1))
    with pytest.raises(ModelUnavailable, match="was changed after the training"):
        reproduce.reproduce(story.settings, "2")


def test_with_too_few_labelled_customers_the_data_set_alone_is_used_with_a_warning(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    more = story.settings.model_copy(update={"lookback_min_rows": ROWS + 1})
    data_set = load_dataset(more)
    with caplog.at_level(logging.WARNING):
        assert add_stream_rows(more, data_set) is data_set
    assert f"rows={ROWS} min_rows={ROWS + 1} lookback_hours=24" in caplog.text
    assert len(add_stream_rows(story.settings, data_set)) == len(data_set) + ROWS


def test_retraining_needs_the_broker_unless_the_lookback_is_0(story: Story) -> None:
    unreachable = story.settings.model_copy(
        update={"kafka_bootstrap": "127.0.0.1:1", "kafka_timeout": 1}
    )
    with pytest.raises(BrokerUnreachable):
        add_stream_rows(unreachable, load_dataset(unreachable))
    assert (
        len(
            add_stream_rows(
                unreachable.model_copy(update={"lookback_hours": 0}), load_dataset(unreachable)
            )
        )
        == 1_000
    )


def test_version_that_passes_becomes_challenger_if_shadow_scoring_is_set(
    story: Story,
) -> None:
    settings = story.settings.model_copy(
        update={"model_name": "in-the-shadow", "shadow_min_records": 500, "lookback_hours": 0}
    )
    poor = settings.model_copy(update={"estimator": "random_forest"})
    assert train_and_promote(poor) == champion_version(settings) == "1"
    assert train_and_promote(settings) == "2"
    assert champion_version(settings) == "1"
    client = MlflowClient(settings.registry_uri, settings.registry_uri)
    assert version_with_alias(client, settings, "challenger") == "2"
    assert registry.read_run(settings, "2").tags["promotion.decision"] == "challenger"


def test_training_survives_a_champion_that_does_not_load(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    settings = story.settings.model_copy(
        update={"model_name": "broken-champion", "shadow_min_records": 500, "lookback_hours": 0}
    )
    assert train_and_promote(settings) == champion_version(settings) == "1"
    client = MlflowClient(settings.registry_uri, settings.registry_uri)
    client.delete_model_version_tag(settings.model_name, "1", DIGEST_TAG)
    assert train_and_promote(settings) == champion_version(settings) == "2"
    assert "version 1 was registered without the checks" in caplog.text
    reason = registry.read_run(settings, "2").tags["promotion.reason"]
    assert reason.startswith("the champion, version 1, does not load, and it saves ")
    with pytest.raises(ModelRejected, match="version 1 was registered without"):
        promotion.roll_back(settings, "suspicious")
    assert champion_version(settings) == "2"
