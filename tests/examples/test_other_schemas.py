"""Schemas of other kinds than the examples', each from its file to an evaluated window."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
from numpy.random import Generator
from prometheus_client import Histogram
from scipy.special import expit

from contract import codec
from contract.schema import Schema
from contract.schemas import schemas
from contract.settings import load
from data import dataset
from deploy.grafana.__main__ import render_dashboards
from monitoring.drift.columns import PROBABILITY
from monitoring.drift.config import DriftConfig
from monitoring.drift.state import DriftState
from monitoring.live.histograms import bin_reference
from monitoring.pages.form_fields import FormField, encode_form_record, form_fields
from monitoring.reporting.reference import ReferenceSets
from monitoring.reporting.report_store import ReportStore
from monitoring.reporting.samples import ID_COLUMN, labelled_rows, sample_table
from monitoring.reporting.window_evaluator import WindowEvaluator
from monitoring.settings import MonitoringSettings
from monitoring.windows.batch import OutcomeBatch
from monitoring.windows.decode import hash_ids
from monitoring.windows.summary import REPORTED
from monitoring.windows.window import ClosedWindow, OpenWindow, WindowLimits
from producers.resampler import Resampler, corruptions
from producers.schedule import DriftSchedule
from producers.simulator import SimulationConfig
from stream_app.models.initial_model import load_initial_model
from stream_app.models.registered_model import RegisteredModel
from stream_app.scoring.score import score_batch
from stream_app.settings import ScorerSettings
from tests.support.scoring import LIMITS, NOW, a_message
from training import registry
from training.registry_client import champion_version
from training.settings import TrainingSettings
from training.steps import train_and_promote

RECORDS = 1_000
ROWS = {"rows.csv": 1_200, "stream.csv": 10_000}

DOORS = """
name = "doors"
dataset = "rows.csv"

[[columns]]
name = "weather"
categories = ["dry", "NA", "None"]
nullable = true

[[columns]]
name = "warmth"
range = [-40, 60]
nullable = true

[target]
name = "does"
classes = ["stays", "opens"]
"""

PARCELS = """
name = "parcels"
dataset = "rows.csv"

[[columns]]
name = "size"
categories = ["1", "2", "10"]

[[columns]]
name = "paid"
categories = ["yes", "no"]

[[columns]]
name = "way"
categories = ["null", "nan", "by sea"]
nullable = true

[target]
name = "days"
classes = [3, 7]
"""

TANKS = """
name = "tanks"
dataset = "rows.csv"

[[columns]]
name = "level"
range = [-5.5, 5.5]

[[columns]]
name = "fillings"
range = [-10, 10000]
integer = true

[[columns]]
name = "slope"
range = [0, 1]
nullable = true

[target]
name = "state"
classes = ["None", "low", "high"]
"""


def doors(random: Generator, count: int) -> pd.DataFrame:
    """Two classes that are texts, and nothing that a record must have."""
    weather = random.choice(["dry", "NA", "None", ""], count)
    warmth = random.normal(15, 10, count).round(1)
    opens = random.random(count) < expit((warmth - 15) / 4 + 2 * (weather == "dry") - 0.5)
    reported = np.where(random.random(count) < 0.1, "", warmth.astype(str))
    does = np.where(opens, "opens", "stays")
    return pd.DataFrame({"weather": weather, "warmth": reported, "does": does})


def parcels(random: Generator, count: int) -> pd.DataFrame:
    """Nothing but categories, some of which look like numbers or like nothing."""
    size, paid = random.choice(["1", "2", "10"], count), random.choice(["yes", "no"], count)
    way = random.choice(["null", "nan", "by sea", ""], count)
    slow = 3.0 * (size == "10") + 2 * (way == "by sea") - 1.5 * (paid == "yes") - 1
    days = np.where(random.random(count) < expit(slow), 7, 3)
    return pd.DataFrame({"size": size, "paid": paid, "way": way, "days": days})


def tanks(random: Generator, count: int) -> pd.DataFrame:
    """Nothing but numbers."""
    level = random.uniform(-5.5, 5.5, count).round(2)
    fillings = random.integers(-10, 10_000, count)
    slope = np.where(random.random(count) < 0.1, "", random.random(count).round(3).astype(str))
    high = level + fillings / 5_000 - 1 + random.normal(0, 0.7, count)
    state = np.select([high < -2, high > 2], ["low", "high"], "None")
    return pd.DataFrame({"level": level, "fillings": fillings, "slope": slope, "state": state})


@pytest.fixture(
    scope="module",
    params=[(DOORS, doors), (PARCELS, parcels), (TANKS, tanks)],
    ids=["two texts", "categories alone", "numbers alone"],
)
def schema_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A schema file; beside it are `rows.csv` to learn from and `stream.csv` to come."""
    description, draw = request.param
    folder = tmp_path_factory.mktemp("schema")
    file = folder / "schema.toml"
    file.write_text(description)
    for seed, (name, count) in enumerate(ROWS.items()):
        draw(np.random.default_rng(seed), count).to_csv(folder / name, index=False)
    return str(file)


@pytest.fixture(scope="module")
def schema(schema_file: str) -> Schema:
    return Schema.load(schema_file)


@pytest.fixture(scope="module")
def training(schema_file: str, tmp_path_factory: pytest.TempPathFactory) -> TrainingSettings:
    """With a registry that has a champion."""
    settings = load(
        TrainingSettings,
        data_dir=tmp_path_factory.mktemp("home"),
        lookback_hours=0,
        schema_file=schema_file,
    )
    train_and_promote(settings)
    return settings


@pytest.fixture(scope="module")
def model(training: TrainingSettings) -> RegisteredModel:
    return load_initial_model(
        load(ScorerSettings, data_dir=training.data_dir, schema_file=training.schema_file)
    )


@pytest.fixture(scope="module")
def references(training: TrainingSettings) -> ReferenceSets:
    return ReferenceSets(
        load(MonitoringSettings, data_dir=training.data_dir, schema_file=training.schema_file),
        retry_interval=1,
    )


@pytest.fixture(scope="module")
def evaluator(
    schema: Schema, references: ReferenceSets, tmp_path_factory: pytest.TempPathFactory
) -> WindowEvaluator:
    store = ReportStore(tmp_path_factory.mktemp("reports"), "model", max_windows=5, schema=schema)
    seconds = Histogram("seconds", "Of a report.", registry=None)
    return WindowEvaluator(store, references, DriftConfig(), 100, seconds)


def drift_column(schema: Schema) -> str:
    return (*schema.numerical, *schema.features)[0]


def window(model: RegisteredModel, start: int, drift: DriftSchedule | None = None) -> ClosedWindow:
    """Records that the simulator draws, scored, and joined with what came of them."""
    schema = model.schema
    rows = dataset.load_dataset(Path(schema.dataset).with_name("stream.csv"), schema)
    config = SimulationConfig("r", drift=drift or DriftSchedule())
    resampler = Resampler(rows, config, schema, column=drift_column(schema), weight=5.0)
    drawn = resampler.draw(np.linspace(1, 10, RECORDS))
    scored = score_batch([a_message(each.value) for each in drawn], model, NOW, LIMITS)
    assert len(scored.predictions) == RECORDS
    customers = schema.codec.decode_customers([each.value for each in drawn]).events
    predictions = schema.codec.decode_predictions(
        [each["value"] for each in scored.predictions]
    ).events
    outcomes = schema.codec.decode_outcomes([each.outcome for each in drawn]).events
    ids, every = hash_ids([str(each.id) for each in customers]), np.arange(RECORDS)
    opened = OpenWindow(
        start, start + 10_000, WindowLimits(RECORDS, RECORDS * 2, RECORDS), schema.classes
    )
    opened.add_customers(ids, customers, every)
    opened.add_predictions(ids, predictions, every)
    closed = opened.close()
    came = schema.classes.encode(each.actual for each in outcomes).astype(np.uint8)
    closed.labels.add_outcomes(OutcomeBatch(("outcomes", 0), every, ids, came))
    return closed


@pytest.fixture(scope="module")
def calm(model: RegisteredModel) -> ClosedWindow:
    return window(model, 0)


def test_first_model_knows_more_than_how_common_each_class_is(
    schema: Schema, calm: ClosedWindow
) -> None:
    found = calm.labels.confusion_matrix(len(schema.classes))
    assert found.rows == RECORDS
    most_common = max(map(sum, found.counts))
    assert found.correct > most_common + RECORDS / 20


def test_calm_window_is_reported_and_as_accurate_as_expected(
    schema: Schema, calm: ClosedWindow, evaluator: WindowEvaluator
) -> None:
    rows = sample_table(calm.sample, schema)
    evaluation = evaluator.evaluate_window(calm, rows, DriftState())
    reported = evaluation.summary
    assert (reported.result, reported.dataset_drift) == (REPORTED, False)
    assert {*reported.distributions} == {*schema.features, PROBABILITY}
    assert all(
        reported.columns[name].drift_score is not None for name in (*schema.features, "prediction")
    )
    accuracy = calm.labels.confusion_matrix(len(schema.classes)).accuracy
    assert reported.estimated_accuracy is not None
    assert accuracy is not None
    reach = (
        reported.estimated_accuracy.high - reported.estimated_accuracy.value
    )  # of 95 %: two deviations
    assert abs(accuracy - reported.estimated_accuracy.value) < 1.7 * reach  # of 99.9 %

    known = labelled_rows(rows, calm.labels.outcomes_of(rows[ID_COLUMN].to_numpy()), schema)
    judged = evaluator.evaluate_outcomes(reported, known, evaluation.state).summary
    assert (judged.outcome_report is not None, judged.outcome_report_rows) == (True, RECORDS)
    assert not any(judged.columns[name].drifted for name in (schema.target.name, "correct"))


def test_drift_of_the_simulator_is_noticed(
    schema: Schema, model: RegisteredModel, evaluator: WindowEvaluator
) -> None:
    drifted = window(model, 10_000, DriftSchedule(start=0.5))
    reported = evaluator.evaluate_window(
        drifted, sample_table(drifted.sample, schema), DriftState()
    ).summary
    assert reported.columns[drift_column(schema)].drifted


def ordinary(field: FormField) -> float | None:
    """As a browser gives a number: a whole one without a point."""
    return field.minimum if field.minimum is None or not field.is_integer else int(field.minimum)


def test_page_has_a_picture_and_a_field_for_each_column(
    schema: Schema, calm: ClosedWindow, references: ReferenceSets
) -> None:
    reference = bin_reference(
        references.current.rows, (*schema.numerical, PROBABILITY), schema.categorical
    )
    drawn = {each.column: each for each in reference.compare(sample_table(calm.sample, schema))}
    assert {*drawn} == {*schema.features, PROBABILITY}
    assert all(sum(each.current) == pytest.approx(1, abs=0.01) for each in drawn.values())
    filled = {
        each.name: each.choices[0] if each.choices else ordinary(each)
        for each in form_fields(schema)
    }
    assert [*filled] == [*schema.features]
    schema.codec.decode_customer(encode_form_record(filled, "page-1", schema))


def test_records_fit_the_schema_and_bad_ones_are_bad_each_in_a_way_of_its_own(
    schema: Schema,
    calm: ClosedWindow,
) -> None:
    good = codec.encode(calm.sample[0].customer)
    jsonschema.validate(json.loads(good), json.loads(schemas(schema)["customers.json"]))
    found = schema.codec.decode_customers([fault(good) for fault in corruptions(schema)])
    assert not found.events
    assert len({each.reason for each in found.invalid.values()}) == len(corruptions(schema))


def test_dashboards_are_of_the_table(schema: Schema) -> None:
    assert all(name in render_dashboards(schema)["model.json"] for name in schema.features)


def test_second_version_is_judged_beside_the_champion(training: TrainingSettings) -> None:
    forest = training.model_copy(update={"estimator": "random_forest"})
    assert train_and_promote(forest) == "2"
    passed = registry.read_run(training, "2").tags["gate"] == "passed"
    assert champion_version(training) == ("2" if passed else "1")
