"""What holds of any table, from its description to a judged window: run by `test_small_tables` in a
process for each, beside whose description are `rows.csv` to learn from and `stream.csv` to come.
"""

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from prometheus_client import Histogram

from contract import codec
from contract.classes import codes
from contract.features import CATEGORICAL, FEATURES, NUMERICAL, TARGET
from contract.schema.default import SCHEMA
from contract.schemas import schemas
from contract.settings import load
from data import dataset
from deploy.grafana.__main__ import render_dashboards
from monitoring.drift.columns import PROBABILITY
from monitoring.drift.config import DriftConfig
from monitoring.drift.state import DriftState
from monitoring.live.histograms import bin_reference
from monitoring.pages.form_fields import FormField, encode_form_record, form_fields
from monitoring.reporting.evaluator import WindowEvaluator
from monitoring.reporting.reference import ReferenceSets
from monitoring.reporting.report_store import ReportStore
from monitoring.reporting.samples import ID_COLUMN, labelled_rows, sample_table
from monitoring.settings import MonitoringSettings
from monitoring.windows.batch import OutcomeBatch
from monitoring.windows.decode import hash_ids
from monitoring.windows.summary import REPORTED
from monitoring.windows.window import ClosedWindow, OpenWindow, WindowLimits
from producers.resampler import Resampler, ResamplingConfig, corruptions
from producers.schedule import DriftSchedule
from producers.settings import ProducerSettings
from stream_app.models.initial_model import load_initial_model
from stream_app.models.registered_model import RegisteredModel
from stream_app.scoring.score import score_batch
from stream_app.settings import ScorerSettings
from tests.support.scoring import LIMITS, NOW, a_message
from training import registry
from training.registry_client import champion_version
from training.settings import TrainingSettings
from training.steps import train_and_promote

STREAM = Path(SCHEMA.dataset).with_name("stream.csv")
RECORDS = 1_000


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> TrainingSettings:
    """With a registry that has a champion."""
    settings = load(TrainingSettings, data_dir=tmp_path_factory.mktemp("home"), lookback_hours=0)
    train_and_promote(settings)
    return settings


@pytest.fixture(scope="module")
def model(training: TrainingSettings) -> RegisteredModel:
    return load_initial_model(load(ScorerSettings, data_dir=training.data_dir))


@pytest.fixture(scope="module")
def references(training: TrainingSettings) -> ReferenceSets:
    return ReferenceSets(load(MonitoringSettings, data_dir=training.data_dir), retry_interval=1)


@pytest.fixture(scope="module")
def evaluator(
    references: ReferenceSets, tmp_path_factory: pytest.TempPathFactory
) -> WindowEvaluator:
    store = ReportStore(tmp_path_factory.mktemp("reports"), "model", max_windows=5, schema=SCHEMA)
    seconds = Histogram("seconds", "Of a report.", registry=None)
    return WindowEvaluator(store, references, DriftConfig(), 100, seconds)


def window(model: RegisteredModel, start: int, drift: DriftSchedule | None = None) -> ClosedWindow:
    """Records that the simulator draws, scored, and joined with what came of them."""
    told: dict[str, Any] = {
        "run": "r", "seed": 1, "column": load(ProducerSettings).drift_column, "weight": 5.0,
        "drift": drift or DriftSchedule(), "label_noise": DriftSchedule(),
        "label_noise_ratio": 0.0, "invalid_ratio": 0.0, "features_only": False,
        "outcome_delay": 5.0,
    }  # fmt: skip
    resampler = Resampler(dataset.load_dataset(STREAM, SCHEMA), ResamplingConfig(**told), SCHEMA)
    drawn = resampler.draw(np.linspace(1, 10, RECORDS))
    scored = score_batch([a_message(each.value) for each in drawn], model, NOW, LIMITS)
    assert len(scored.predictions) == RECORDS
    customers = codec.decode_customers([each.value for each in drawn]).events
    predictions = codec.decode_predictions([each["value"] for each in scored.predictions]).events
    outcomes = codec.decode_outcomes([each.outcome for each in drawn]).events
    ids, every = hash_ids([str(each.id) for each in customers]), np.arange(RECORDS)
    opened = OpenWindow(
        start, start + 10_000, WindowLimits(RECORDS, RECORDS * 2, RECORDS), SCHEMA.classes
    )
    opened.add_customers(ids, customers, every)
    opened.add_predictions(ids, predictions, every)
    closed = opened.close()
    came = codes(each.actual for each in outcomes).astype(np.uint8)
    closed.labels.add_outcomes(OutcomeBatch(("outcomes", 0), every, ids, came))
    return closed


@pytest.fixture(scope="module")
def calm(model: RegisteredModel) -> ClosedWindow:
    return window(model, 0)


def test_first_model_knows_more_than_how_common_each_class_is(calm: ClosedWindow) -> None:
    found = calm.labels.confusion_matrix(len(SCHEMA.classes))
    assert found.rows == RECORDS
    most_common = max(map(sum, found.counts))
    assert found.correct > most_common + RECORDS / 20


def test_calm_window_is_reported_and_as_accurate_as_expected(
    calm: ClosedWindow, evaluator: WindowEvaluator
) -> None:
    rows = sample_table(calm.sample, SCHEMA)
    evaluation = evaluator.evaluate_window(calm, rows, DriftState())
    told = evaluation.summary
    assert (told.result, told.dataset_drift) == (REPORTED, False)
    assert {*told.distributions} == {*FEATURES, PROBABILITY}
    assert all(told.columns[name].drift_score is not None for name in (*FEATURES, "prediction"))
    accuracy = calm.labels.confusion_matrix(len(SCHEMA.classes)).accuracy
    assert told.estimated_accuracy is not None
    assert accuracy is not None
    reach = told.estimated_accuracy.high - told.estimated_accuracy.value  # of 95 %: two deviations
    assert abs(accuracy - told.estimated_accuracy.value) < 1.7 * reach  # of 99.9 %

    known = labelled_rows(rows, calm.labels.outcomes_of(rows[ID_COLUMN].to_numpy()), SCHEMA)
    judged = evaluator.evaluate_outcomes(told, known, evaluation.state).summary
    assert (judged.outcome_report is not None, judged.outcome_report_rows) == (True, RECORDS)
    assert not any(judged.columns[name].drifted for name in (TARGET, "correct"))


def test_drift_of_the_simulator_is_noticed(
    model: RegisteredModel, evaluator: WindowEvaluator
) -> None:
    drifted = window(model, 10_000, DriftSchedule(start=0.5))
    told = evaluator.evaluate_window(
        drifted, sample_table(drifted.sample, SCHEMA), DriftState()
    ).summary
    assert told.columns[load(ProducerSettings).drift_column].drifted


def ordinary(field: FormField) -> float | None:
    """As a browser gives a number: a whole one without a point."""
    return field.minimum if field.minimum is None or not field.is_integer else int(field.minimum)


def test_page_has_a_picture_and_a_field_for_each_column(
    calm: ClosedWindow, references: ReferenceSets
) -> None:
    reference = bin_reference(references.current.rows, (*NUMERICAL, PROBABILITY), CATEGORICAL)
    drawn = {each.column: each for each in reference.compare(sample_table(calm.sample, SCHEMA))}
    assert {*drawn} == {*FEATURES, PROBABILITY}
    assert all(sum(each.current) == pytest.approx(1, abs=0.01) for each in drawn.values())
    filled = {
        each.name: each.choices[0] if each.choices else ordinary(each)
        for each in form_fields(SCHEMA)
    }
    assert [*filled] == [*FEATURES]
    codec.decode_customer(encode_form_record(filled, "page-1", SCHEMA))


def test_records_fit_the_schema_and_bad_ones_are_bad_each_in_a_way_of_its_own(
    calm: ClosedWindow,
) -> None:
    good = codec.encode(calm.sample[0].customer)
    jsonschema.validate(json.loads(good), json.loads(schemas(SCHEMA)["customers.json"]))
    found = codec.decode_customers([fault(good) for fault in corruptions(SCHEMA)])
    assert not found.events
    assert len({each.reason for each in found.invalid.values()}) == len(corruptions(SCHEMA))


def test_dashboards_are_of_the_table() -> None:
    assert all(name in render_dashboards(SCHEMA)["model.json"] for name in FEATURES)


def test_second_version_is_judged_beside_the_champion(training: TrainingSettings) -> None:
    forest = training.model_copy(update={"estimator": "random_forest"})
    assert train_and_promote(forest) == "2"
    passed = registry.read_run(training, "2").tags["gate"] == "passed"
    assert champion_version(training) == ("2" if passed else "1")
