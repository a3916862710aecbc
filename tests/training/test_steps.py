"""Training beside a stream whose target moved, and then beside one whose labels are poisoned."""

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
from contract.registry import DIGEST, REFERENCE
from contract.schema import CARS
from contract.schema.cars import CustomerRecord, Outcome
from contract.settings import load
from contract.topics import topics
from data.population import Chance, Population
from tests.support.builders import environment, produce
from training import checked, provenance, registry, repeat, succession
from training.cause import Cause
from training.champion import champion
from training.gate import report
from training.recent import rows as row_file
from training.settings import TrainingSettings
from training.steps import load_data, load_recent, train_and_promote

MOVED = Population(age_shift=8, salary_factor=1.2, reluctance=3)
ROWS = 3_000
ALERT = Cause("alert", "episode-7", "accuracy fell")


@dataclass(frozen=True)
class Story:
    """What happened, in order: `first` was champion, `second` took over, `third` is poisoned."""

    settings: TrainingSettings
    first: str
    second: str
    third: str
    stream: pd.DataFrame

    def tags(self, version: str) -> dict[str, str]:
        return dict(registry.told(self.settings, version).tags)

    def csv(self, version: str, path: str) -> pd.DataFrame:
        client = MlflowClient(self.settings.registry_uri, self.settings.registry_uri)
        run = client.get_model_version(self.settings.model_name, version).run_id
        return pd.read_csv(mlflow.artifacts.download_artifacts(run_id=run, artifact_path=path))


def publish(settings: TrainingSettings, run: str, flipped: bool) -> pd.DataFrame:
    """Customers of the population that moved, and what they did, or the opposite."""
    sample = MOVED.sample(ROWS, Chance.of(np.random.default_rng(len(run))))
    rows = frame(sample)
    names = [f"{run}-{number}" for number in range(ROWS)]
    told = 1 - rows[CARS.target.name] if flipped else rows[CARS.target.name]
    columns = (rows[name] for name in CARS.features)
    values = [
        codec.encode(CustomerRecord(gender, age, salary, name))
        for name, gender, age, salary in zip(names, *columns, strict=True)
    ]
    outcomes = [codec.encode(Outcome(*pair)) for pair in zip(names, told.tolist(), strict=True)]
    produce(settings.kafka_bootstrap, settings.topic_customers, values)
    produce(settings.kafka_bootstrap, settings.topic_outcomes, outcomes)
    return rows


@pytest.fixture(scope="module")
def story(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Story:
    own = uuid.uuid4().hex[:12]
    settings = load(
        TrainingSettings,
        kafka_bootstrap=kafka,
        topic_customers=f"customers-{own}",
        topic_outcomes=f"outcomes-{own}",
        data_dir=tmp_path_factory.mktemp("home"),
        lookback_max_rows=ROWS,
        evaluation_rows=ROWS // 2,
    )
    ensure(settings)
    away = settings.model_copy(update={"kafka_bootstrap": "127.0.0.1:1"})
    first = train_and_promote(away)
    stream = publish(settings, "moved", flipped=False)
    second = train_and_promote(settings, cause=ALERT)
    publish(settings, "poisoned", flipped=True)
    third = train_and_promote(settings, cause=Cause("schedule"))
    return Story(settings, first, second, third, stream)


def ensure(settings: TrainingSettings) -> None:
    clients.ensure_topics(settings, [topics(settings).customers, topics(settings).outcomes])


def test_first_model_needs_no_broker(story: Story) -> None:
    assert story.tags(story.first)["promotion.decision"] == "promoted"


def test_model_of_the_moved_target_takes_over_and_says_what_it_was_made_from(story: Story) -> None:
    known = registry.told(story.settings, story.second)
    assert known.tags["gate"] == "passed", known.tags["gate.reason"]
    assert known.tags["promotion.decision"] == "promoted"
    assert known.tags["promotion.over"] == story.first
    assert known.tags["cause.kind"] == "alert"
    assert known.tags["cause.episode"] == "episode-7"
    assert known.params["rows"] == str(1_000 + ROWS)
    assert known.params["rows_of_stream"] == str(ROWS)
    assert int(known.params["rows_learnt_from"]) <= ROWS
    assert known.metrics["gate/held-out"] > 0
    assert known.metrics["gate/newest"] > 0


def test_reference_set_is_of_the_moved_stream(story: Story) -> None:
    reference = story.csv(story.second, REFERENCE)
    assert len(reference) == ROWS // 2
    age = CARS.features[1]
    assert reference[age].mean() == pytest.approx(story.stream[age].mean(), abs=1)
    assert story.csv(story.first, REFERENCE)[age].mean() < story.stream[age].mean() - 5


def test_model_of_flipped_labels_is_refused_kept_and_tagged(story: Story) -> None:
    tags = story.tags(story.third)
    assert tags["gate"] == "refused"
    assert tags["promotion.decision"] == "rejected"
    assert "rank correlation" in tags["promotion.reason"]
    assert champion(story.settings) == story.second
    checked.load(story.settings, story.third)


@pytest.mark.parametrize(("number", "verdict"), [("second", "Passed"), ("third", "Refused")])
def test_report_is_with_the_run(story: Story, number: str, verdict: str) -> None:
    page = registry.artifact(story.settings, getattr(story, number), report.ARTIFACT).decode()
    assert f"<h1>{verdict}</h1>" in page
    assert "Gender Female" in page


def test_version_is_trained_again_to_the_same_model_from_the_rows_logged_with_it(
    story: Story, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in (story.first, story.second, story.third):
        assert repeat.repeat(story.settings, version).difference == 0
    for name, value in environment(story.settings).items():
        monkeypatch.setenv(name, value)
    repeat.main([story.second])
    assert "version 2 is the same, trained again from its 4000 rows" in capsys.readouterr().out
    known = registry.told(story.settings, "2")
    other = replace(known, params={**known.params, "random_state": "3"})
    monkeypatch.setattr(registry, "told", lambda *_: other)
    with pytest.raises(RunIncomplete, match="version 2 trained again differs by up to"):
        repeat.main([story.second])


def test_rows_that_were_changed_since_are_not_trained_from(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = registry.artifact(story.settings, "2", row_file.ARTIFACT)
    assert provenance.text_sha256(text.decode()) == story.tags("2")["data.artifact_sha256"]
    monkeypatch.setattr(registry, "artifact", lambda *_: text.replace(b",1\n", b",0\n", 1))
    with pytest.raises(ModelUnavailable, match="was changed since it was logged"):
        repeat.repeat(story.settings, "2")


def test_with_too_few_labelled_customers_the_data_set_alone_is_learnt_from_and_it_is_said(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    more = story.settings.model_copy(update={"lookback_min_rows": ROWS + 1})
    data_set = load_data(more)
    with caplog.at_level(logging.WARNING):
        assert load_recent(more, data_set) is data_set
    assert f"{ROWS} labelled customers in the last 24 hours" in caplog.text
    assert len(load_recent(story.settings, data_set)) == len(data_set) + ROWS


def test_training_again_needs_the_broker_unless_the_stream_is_not_wanted(story: Story) -> None:
    away = story.settings.model_copy(update={"kafka_bootstrap": "127.0.0.1:1", "kafka_timeout": 1})
    with pytest.raises(BrokerUnreachable):
        load_recent(away, load_data(away))
    assert len(load_recent(away.model_copy(update={"lookback_hours": 0}), load_data(away))) == 1_000


def test_version_that_passes_scores_in_the_shadow_first_where_that_is_wanted(
    story: Story,
) -> None:
    own = story.settings.model_copy(
        update={"model_name": "in-the-shadow", "shadow_min_records": 500, "lookback_hours": 0}
    )
    poor = own.model_copy(update={"estimator": "random_forest"})
    assert train_and_promote(poor) == champion(own) == "1"
    assert train_and_promote(own) == "2"
    assert champion(own) == "1"
    client = MlflowClient(own.registry_uri, own.registry_uri)
    assert succession.alias(client, own, "challenger") == "2"
    assert registry.told(own, "2").tags["promotion.decision"] == "challenger"


def test_training_survives_a_champion_that_does_not_load(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    own = story.settings.model_copy(
        update={"model_name": "broken-champion", "shadow_min_records": 500, "lookback_hours": 0}
    )
    assert train_and_promote(own) == champion(own) == "1"
    client = MlflowClient(own.registry_uri, own.registry_uri)
    client.delete_model_version_tag(own.model_name, "1", DIGEST)
    assert train_and_promote(own) == champion(own) == "2"
    assert "version 1 has no tag model.sha256" in caplog.text
    reason = registry.told(own, "2").tags["promotion.reason"]
    assert reason.startswith("the champion, version 1, does not load, and it saves ")
    with pytest.raises(ModelRejected, match="version 1 has no tag"):
        succession.roll_back(own, "odd")
    assert champion(own) == "2"
