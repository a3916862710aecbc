"""A schema of several classes with missing values: the pumps, from the file to a new champion."""

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
import skops.io

from contract import codec
from contract.errors import BadSetting
from contract.model.estimator import load_estimator
from contract.registry import Example
from contract.schema import CARS, Schema
from contract.settings import load, schema_of
from data import dataset
from monitoring.drift.columns import PROBABILITY
from monitoring.drift.config import DriftConfig
from monitoring.drift.state import DriftState
from monitoring.pages.form_fields import encode_form_record, form_fields
from monitoring.reporting.baseline import Baseline
from monitoring.reporting.evidently_report import EvidentlyReporter
from monitoring.reporting.reference import ReferenceSet
from monitoring.reporting.report_store import ReportId, ReportStore
from monitoring.reporting.samples import (
    ID_COLUMN,
    labelled_rows,
    predicted_rows,
    with_missing_indicators,
)
from monitoring.reporting.window_archive import ArchivedWindow, WindowArchive
from monitoring.windows.batch import NO_OUTCOME, OutcomeBatch
from monitoring.windows.confusion_matrix import ConfusionMatrix
from monitoring.windows.labelled_window import LabelledWindow
from producers.records.parsing import RecordKind, parse_csv
from producers.resampler import Resampler, corruptions
from producers.schedule import DriftSchedule
from producers.settings import ProducerSettings
from producers.simulator import SimulationConfig
from stream_app.models.serving import ServingModels
from stream_app.scoring.score import score_batch
from stream_app.settings import ScorerSettings
from tests.examples.pumps import PUMPS
from tests.stream_app.models.manual_watcher import ManualWatcher, Switching
from tests.support.scoring import LIMITS, NOW, a_message
from tests.support.versions import register_version
from training import estimators, evaluation, model_loading, promotion, train
from training.evaluation import log_losses, skill
from training.gate.groups import groups
from training.lookback import rows as training_rows
from training.registry import make_example
from training.settings import TrainingSettings
from training.train import TrainingResult

SCHEMA = Schema.load(PUMPS)
CLASSES = ("none", "clean", "replace")


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return training_rows.from_dataset(dataset.load_dataset(SCHEMA.dataset, SCHEMA), SCHEMA)


@pytest.fixture(scope="module")
def trained(rows: pd.DataFrame) -> TrainingResult:
    return train.fit(rows, "logistic", random_state=1, held_out_ratio=0.25, schema=SCHEMA)


def test_data_set_is_what_its_generator_writes() -> None:
    generator = runpy.run_path(str(Path(SCHEMA.dataset).with_name("generate.py")))
    assert Path(SCHEMA.dataset).read_text(encoding="utf-8") == generator["text"]()


def test_rows_are_the_same_as_records_as_json_and_as_csv(rows: pd.DataFrame) -> None:
    given = rows.head(500)
    assert given["vibration"].isna().any()
    assert given["maker"].isna().any()
    decoded = SCHEMA.codec.decode_customers(
        [codec.encode(each) for each in SCHEMA.encoder.to_records(given)]
    )
    assert not decoded.invalid
    found = SCHEMA.encoder.to_frame(decoded.events)
    pd.testing.assert_frame_equal(found, given[list(SCHEMA.features)])
    again = training_rows.from_csv(training_rows.to_csv(given), SCHEMA)
    pd.testing.assert_frame_equal(again, given, check_dtype=False)


@pytest.mark.parametrize("estimator", ["logistic", "random_forest"])
def test_model_out_of_its_file_says_the_same_with_and_without_values(
    rows: pd.DataFrame, tmp_path: Path, estimator: Any
) -> None:
    model = estimators.build_pipeline(estimator, 1, SCHEMA)
    model.fit(rows[list(SCHEMA.features)], rows[SCHEMA.target.name])
    skops.io.dump(model, tmp_path / "model.skops")
    loaded = load_estimator("1", tmp_path / "model.skops", SCHEMA)
    nothing = rows.head(50).assign(maker=np.nan, temperature=np.nan, vibration=np.nan)
    for given in map(
        SCHEMA.encoder.to_frame, map(SCHEMA.encoder.to_records, (rows.head(50), nothing))
    ):
        assert np.array_equal(loaded.predict_proba(given), model.predict_proba(given))
        makers = [each if isinstance(each, str) else None for each in given["maker"]]
        none = given.assign(maker=np.array(makers, dtype=object))
        assert np.array_equal(loaded.predict_proba(none), model.predict_proba(given))


def test_probabilities_are_in_the_order_of_the_description(trained: TrainingResult) -> None:
    assert list(trained.model.classes_) == sorted(CLASSES)
    found = train.outputs(trained.model, trained.held_out, SCHEMA)
    output = SCHEMA.classes.decode(SCHEMA.classes.predict(found, 0.5)).tolist()
    assert output == trained.model.predict(trained.held_out[list(SCHEMA.features)]).tolist()
    actual = SCHEMA.classes.encode(trained.held_out[SCHEMA.target.name])
    assert evaluation.scores(actual, found, SCHEMA.classes).accuracy > 0.7
    assert skill(actual, found) > 0.3
    assert log_losses(actual, np.eye(3)[actual]).max() < 0.01
    reported = make_example(trained.model, trained.held_out, SCHEMA)
    assert Example.decode(msgspec.json.encode(reported), SCHEMA) == reported


def test_rows_without_a_value_are_a_group_of_the_gate(trained: TrainingResult) -> None:
    found = dict(groups(trained.held_out, trained.reference, SCHEMA))
    lacking = trained.held_out["temperature"].isna().to_numpy()
    assert np.array_equal(found["temperature missing"], lacking)
    of_temperature = [mask for name, mask in found.items() if name.startswith("temperature ")]
    assert np.array_equal(np.sum(of_temperature, axis=0), np.ones(len(lacking)))  # each in one


def test_performance_of_several_classes_is_the_mean_of_theirs() -> None:
    found = ConfusionMatrix(((8, 2, 0), (1, 4, 0), (0, 1, 4)))
    assert (found.rows, found.correct, found.accuracy) == (20, 16, 0.8)
    assert found.recall == pytest.approx((8 / 10 + 4 / 5 + 4 / 5) / 3)
    assert found.precision == pytest.approx((8 / 9 + 4 / 7 + 1) / 3)


def test_window_counts_each_class_against_each() -> None:
    labels = LabelledWindow(
        0, 1, np.array([1, 2, 3, 4], np.uint64), np.array([0, 1, 2, 2], np.uint8)
    )
    outcomes = OutcomeBatch(
        ("outcomes", 0), np.arange(3), np.array([1, 2, 3], np.uint64), np.array([0, 2, 2], np.uint8)
    )
    labels.add_outcomes(outcomes)
    assert labels.confusion_matrix(len(SCHEMA.classes)).counts == ((1, 0, 0), (0, 0, 0), (0, 1, 1))
    assert labels.outcomes_of(np.array([4], np.uint64)).tolist() == [NO_OUTCOME]


def test_sensor_that_fails_is_drift_although_its_other_values_stay(trained: TrainingResult) -> None:
    baseline = Baseline(ReferenceSet("1", trained.reference, SCHEMA), DriftConfig())
    window = trained.reference.sample(1_000, random_state=1)
    failing = np.random.default_rng(1).random(len(window)) < 0.3
    broken = window.assign(vibration=window["vibration"].mask(failing))
    _, calm = baseline.check_drift(DriftState(), 0, with_missing_indicators(window, SCHEMA))
    _, alarm = baseline.check_drift(DriftState(), 0, with_missing_indicators(broken, SCHEMA))
    assert calm.drifted_columns == ()
    assert alarm.drifted_columns == ("vibration missing",)
    expected = baseline.estimate_accuracy(window, len(window))
    right = (window["prediction"] == window[SCHEMA.target.name]).mean()
    assert expected is not None
    assert expected.low < right < expected.high


def test_evidently_reports_several_classes_and_missing_values(
    trained: TrainingResult, tmp_path: Path
) -> None:
    reporter = EvidentlyReporter(
        trained.reference, ReportStore(tmp_path, "pumps", 10, schema=SCHEMA), SCHEMA
    )
    window = trained.reference.sample(600, random_state=2)
    reported = {**reporter.report_features(window, ReportId(0, "features"))}
    assert set(reported) == {*SCHEMA.features, "prediction"}
    reporter.report_outcomes(window, ReportId(0, "outcomes"))
    assert "Accuracy" in (tmp_path / ReportId(0, "outcomes").file_name).read_text(encoding="utf-8")


def test_window_on_disk_has_what_it_had(rows: pd.DataFrame, tmp_path: Path) -> None:
    ids = np.arange(20, dtype=np.uint64)
    sample = rows.head(20)[list(SCHEMA.features)].assign(prediction="clean")
    sample.loc[3, "prediction"] = np.nan
    sample = sample.assign(**{PROBABILITY: 0.5}).assign(**{ID_COLUMN: ids})
    WindowArchive(tmp_path, 3, SCHEMA).save(
        ArchivedWindow(LabelledWindow(0, 1, ids, np.ones(20, np.uint8)), sample)
    )
    (kept,) = WindowArchive(tmp_path, 3, SCHEMA).load_all()
    pd.testing.assert_frame_equal(kept.sample, sample)
    assert len(predicted_rows(kept.sample, SCHEMA)) == 19
    came = labelled_rows(kept.sample, np.full(20, 2, np.uint8), SCHEMA)
    assert set(came[SCHEMA.target.name]) == {"replace"}


def test_form_asks_for_no_value_that_may_lack() -> None:
    fields = {field.name: field for field in form_fields(SCHEMA)}
    assert not fields["vibration"].required
    assert (fields["hours"].is_integer, fields["hours"].required) == (True, True)
    assert fields["maker"].choices == ("Alder", "Birch", "Cedar", "Dogwood", "Elm")
    filled = {
        "site": "north", "fluid": "oil", "filter": "fine", "age": 3, "hours": 100, "starts": 2,
        "flow": 100, "pressure": 10, "noise": 60, "maker": "",
    }  # fmt: skip
    record: Any = SCHEMA.codec.decode_customer(encode_form_record(filled, "page-1", SCHEMA))
    assert record.vibration is None


def test_file_of_rows_can_be_published_with_its_empty_cells() -> None:
    with Path(SCHEMA.dataset).open("rb") as file:
        lines = list(parse_csv(file, RecordKind.CUSTOMERS, SCHEMA, "pumps.csv"))
    assert len(lines) == len(dataset.load_dataset(SCHEMA.dataset, SCHEMA))
    assert not [line for line in lines if line.fault]


def drawn(**changes: Any) -> list[Any]:
    reported: dict[str, Any] = {"run": "r", "drift": DriftSchedule(start=50)} | changes
    config = SimulationConfig(**reported)
    rows = dataset.load_dataset(SCHEMA.dataset, SCHEMA)
    resampler = Resampler(rows, config, SCHEMA, column="age", weight=5.0)
    return resampler.draw(np.linspace(0, 100, 4_000))


def test_simulator_draws_rows_and_drifts_towards_those_that_lie_high() -> None:
    values = [each.value for each in drawn()]
    ages = SCHEMA.encoder.to_frame(SCHEMA.codec.decode_customers(values).events)["age"].to_numpy()
    median = dataset.load_dataset(SCHEMA.dataset, SCHEMA)["age"].median()
    assert (ages[:2_000] > median).mean() == pytest.approx(0.5, abs=0.04)
    assert (ages[2_000:] > median).mean() == pytest.approx(5 / 6, abs=0.04)
    assert drawn() == drawn() != drawn(seed=2)


def test_label_noise_gives_the_class_after_the_true_one() -> None:
    def reported(**changes: Any) -> list[Any]:
        return [SCHEMA.codec.decode_outcome(each.outcome).actual for each in drawn(**changes)]

    truth = reported()
    noisy = reported(label_noise=DriftSchedule(start=1e-9), label_noise_ratio=1.0)
    after = dict(zip(CLASSES, (*CLASSES[1:], CLASSES[0]), strict=True))
    assert noisy[1:] == [after[each] for each in truth[1:]]


def test_bad_records_are_bad_each_in_a_way_of_its_own(rows: pd.DataFrame) -> None:
    (good,) = (codec.encode(each) for each in SCHEMA.encoder.to_records(rows.head(1), ["x"]))
    found = SCHEMA.codec.decode_customers([fault(good) for fault in corruptions(SCHEMA)])
    assert not found.events
    assert len({each.reason for each in found.invalid.values()}) == len(corruptions(SCHEMA))


def test_class_that_the_table_does_not_have_is_no_outcome() -> None:
    assert SCHEMA.codec.decode_outcome(
        b'{"id":"x","maintenance":"clean"}'
    ) == SCHEMA.events.outcome("x", "clean")
    (why,) = SCHEMA.codec.decode_outcomes([b'{"id":"x","maintenance":"paint"}']).invalid.values()
    assert why.reason == "unknown_category"


@pytest.mark.starts  # the compile process
def test_scorer_follows_the_alias_to_another_version_and_back(
    rows: pd.DataFrame, tmp_path: Path
) -> None:
    own = load(TrainingSettings, data_dir=tmp_path / "training", schema_file=str(PUMPS))
    one, two = (
        register_version(own, "logistic"),
        register_version(own, "random_forest", random_state=21),
    )
    promotion.promote(own, one, None, "the first")
    watcher = ManualWatcher(
        load(
            ScorerSettings,
            data_dir=tmp_path / "scorer",
            mlflow_uri=own.registry_uri,
            schema_file=str(PUMPS),
        )
    )
    given = rows.sample(40, random_state=3)
    messages = [a_message(codec.encode(each)) for each in SCHEMA.encoder.to_records(given)]
    output = {
        version: train.outputs(model_loading.load_model(own, version), given, SCHEMA)
        for version in (one, two)
    }
    assert np.abs(output[one] - output[two]).max() > 0.1

    def batch_is_of(version: str) -> bool:
        sent = score_batch(messages, watcher.serving.models.champion, NOW, LIMITS).predictions
        found = SCHEMA.codec.decode_predictions([each["value"] for each in sent]).events
        assert {each.model_version for each in found} == {version}
        right = SCHEMA.classes.decode(SCHEMA.classes.predict(output[version], 0.5)).tolist()
        assert [each.prediction for each in found] == right
        return [each.probability for each in found] == pytest.approx(
            SCHEMA.classes.reported_probability(output[version])
        )

    def reload() -> None:
        promotion.promote(own, two, one, "the better one")
        assert watcher.poll() == (two, one)

    first = watcher.serving.models.champion
    assert batch_is_of(one)
    in_hand = replace(first, predictor=Switching(first.predictor, reload))
    watcher.serving.switch(ServingModels(in_hand))
    assert batch_is_of(one)
    assert batch_is_of(two)
    promotion.roll_back(own, "the worse one")
    assert watcher.poll() == (one, None)
    assert batch_is_of(one)


def test_settings_of_the_cars_are_refused_with_another_schema() -> None:
    with pytest.raises(BadSetting, match="INTENT_DRIFT_AGE_SHIFT: only for the cars"):
        load(ProducerSettings, schema_file=str(PUMPS), drift_age_shift=5)
    with pytest.raises(BadSetting, match="INTENT_DRIFT_COLUMN must be one of site, fluid"):
        load(ProducerSettings, schema_file=str(PUMPS), drift_column="colour")


def test_settings_that_follow_from_the_schema_are_its_own() -> None:
    settings = load(ProducerSettings, schema_file=str(PUMPS), port_offset=100)
    assert settings.data_dir == Path(".intent", "pump-maintenance-100")
    assert settings.model_name == "pump-maintenance"
    assert str(settings.dataset) == SCHEMA.dataset
    assert settings.drift_column == "age"
    assert schema_of(settings) == SCHEMA != CARS == schema_of(load(ProducerSettings))
