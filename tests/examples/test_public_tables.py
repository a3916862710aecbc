"""Tables as other people have them, each from its CSV file to an evaluated window."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from prometheus_client import Histogram

from contract import codec
from contract.model.predictor import SklearnModel
from contract.model.version import ModelVersion
from contract.schema import Schema
from contract.settings import load
from data.dataset import load_dataset
from data.inference.infer import Inferred, infer_schema
from deploy.grafana.__main__ import render_dashboards
from monitoring.drift.columns import PREDICTION, PROBABILITY, feature_columns
from monitoring.drift.config import DriftConfig
from monitoring.drift.state import DriftState
from monitoring.live.histograms import bin_reference
from monitoring.pages.form_fields import encode_form_record, form_fields
from monitoring.reporting.reference import ReferenceSets
from monitoring.reporting.report_store import ReportStore
from monitoring.reporting.samples import ID_COLUMN, labelled_rows, sample_table
from monitoring.reporting.window_evaluator import WindowEvaluator
from monitoring.settings import MonitoringSettings
from monitoring.windows.batch import OutcomeBatch
from monitoring.windows.decode import hash_ids
from monitoring.windows.summary import REPORTED
from monitoring.windows.window import ClosedWindow, OpenWindow, WindowLimits
from producers.records.input import RecordInput
from producers.records.parsing import RecordKind
from producers.resampler import corruptions
from stream_app.models.registered_model import RegisteredModel
from stream_app.scoring.score import ScoredBatch, score_batch
from tests.support.scoring import LIMITS, NOW, a_message
from tests.support.tables import TABLES, Table
from training.model_loading import load_model
from training.settings import TrainingSettings
from training.steps import train_and_promote


@dataclass(frozen=True)
class Run:
    """A table that was described, trained and scored.

    Attributes:
        file: The CSV file.
        inferred: Its schema file, as text.
        schema: The schema.
        settings: Of the training, with a registry that has a champion.
        scored: All rows of another such file, read as `intent produce` does, and scored.
        window: The same rows as a closed window, with their outcomes.
    """

    file: Path
    inferred: Inferred
    schema: Schema
    settings: TrainingSettings
    scored: ScoredBatch
    window: ClosedWindow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory: one registry for all tables, since to create one takes seconds."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module", params=TABLES, ids=[table.name for table in TABLES])
def run(
    request: pytest.FixtureRequest, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    table: Table = request.param
    file = tmp_path_factory.mktemp(table.name) / f"{table.name}.csv"
    file.write_text(table.text(), encoding="utf-8")
    inferred = infer_schema(file, table.target)
    schema_file = file.with_suffix(".toml")
    schema_file.write_text(inferred.text, encoding="utf-8")
    schema = Schema.load(schema_file)
    settings = load(TrainingSettings, data_dir=home, lookback_hours=0, schema_file=str(schema_file))
    version = train_and_promote(settings)
    model = RegisteredModel(
        schema.name,
        ModelVersion(version, None),
        SklearnModel(load_model(settings, version), schema),
        schema,
        is_compiled=False,
    )
    stream = file.with_name("stream.csv")
    stream.write_text(table.text(seed=2), encoding="utf-8")
    values = produced(stream, schema)
    scored = score_batch([a_message(value) for value in values], model, NOW, LIMITS)
    rows = load_dataset(stream, schema)
    return Run(file, inferred, schema, settings, scored, close(schema, values, scored, rows))


def produced(file: Path, schema: Schema) -> list[bytes]:
    """The values that `intent produce` sends, each with an id."""
    source = RecordInput(file, open_nothing(), RecordKind.CUSTOMERS, schema)
    with source.records() as records:
        sent = list(records)
    assert [record.fault for record in sent if record.fault] == []
    return [
        msgspec.json.encode({**msgspec.json.decode(record.value), "id": f"r{number}"})
        for number, record in enumerate(sent)
    ]


def open_nothing() -> Any:
    """Standard input, which is not read."""
    return None


def close(
    schema: Schema, values: list[bytes], scored: ScoredBatch, rows: pd.DataFrame
) -> ClosedWindow:
    customers = schema.codec.decode_customers(values).events
    predictions = schema.codec.decode_predictions(
        [each["value"] for each in scored.predictions]
    ).events
    count = len(customers)
    ids, every = hash_ids([str(each.id) for each in customers]), np.arange(count)
    window = OpenWindow(0, 10_000, WindowLimits(count, count * 2, count), schema.classes)
    window.add_customers(ids, customers, every)
    window.add_predictions(ids, predictions, every)
    closed = window.close()
    actual = schema.classes.encode(rows[schema.target.name]).astype(np.uint8)
    closed.labels.add_outcomes(OutcomeBatch(("outcomes", 0), every, ids, actual))
    return closed


def test_every_row_is_scored_and_better_than_by_the_most_frequent_class(run: Run) -> None:
    assert not run.scored.dead_letters
    found = run.window.labels.confusion_matrix(len(run.schema.classes))
    assert found.rows == len(run.scored.predictions) == len(load_dataset(run.file, run.schema))
    assert found.correct > max(map(sum, found.counts)) + found.rows / 50


def test_bad_records_become_dead_letters_each_with_its_reason(run: Run) -> None:
    good = codec.encode(run.window.sample[0].customer)
    faults = corruptions(run.schema)
    decoded = run.schema.codec.decode_customers([fault(good) for fault in faults])
    assert not decoded.events
    assert len({each.reason for each in decoded.invalid.values()}) == len(faults) >= 3


def test_window_is_reported_and_calm(run: Run, tmp_path: Path) -> None:
    schema = run.schema
    references = ReferenceSets(
        load(
            MonitoringSettings,
            data_dir=run.settings.data_dir,
            schema_file=run.settings.schema_file,
        ),
        retry_interval=1,
    )
    store = ReportStore(tmp_path, "model", max_windows=5, schema=schema)
    seconds = Histogram("seconds", "Of a report.", registry=None)
    evaluator = WindowEvaluator(store, references, DriftConfig(), 100, seconds)
    rows = sample_table(run.window.sample, schema)
    evaluation = evaluator.evaluate_window(run.window, rows, DriftState())
    summary = evaluation.summary
    assert (summary.result, summary.dataset_drift) == (
        REPORTED,
        False,
    ), [each.message for each in evaluation.results.values() if each.alarm]
    assert {*summary.columns} == {*feature_columns(schema), PREDICTION}
    known = labelled_rows(rows, run.window.labels.outcomes_of(rows[ID_COLUMN].to_numpy()), schema)
    judged = evaluator.evaluate_outcomes(summary, known, evaluation.state).summary
    assert judged.outcome_report is not None
    assert judged.outcome_report_rows == len(rows)

    binned = bin_reference(
        references.current.rows, (*schema.numerical, PROBABILITY), schema.categorical
    )
    drawn = {each.column: each for each in binned.compare(rows)}
    assert {*drawn} == {*schema.features, PROBABILITY}
    assert all(sum(each.current) == pytest.approx(1, abs=0.01) for each in drawn.values())


def test_form_and_dashboards_are_of_the_table(run: Run) -> None:
    filled: dict[str, Any] = {}
    for field in form_fields(run.schema):
        texts = {"date": "2024-02-29", "datetime-local": "2024-02-29T23:59"}
        typed = texts.get(field.kind, "as typed")
        minimum = field.minimum
        number = int(minimum) if field.is_integer and minimum is not None else minimum
        filled[field.name] = field.choices[0] if field.choices else number
        if filled[field.name] is None:
            filled[field.name] = typed
    run.schema.codec.decode_customer(encode_form_record(filled, "page-1", run.schema))
    dashboard = render_dashboards(run.schema)["model.json"]
    assert all(name in dashboard for name in feature_columns(run.schema))
