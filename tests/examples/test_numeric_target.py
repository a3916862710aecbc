"""A numeric target: the deliveries, from the file to a champion's predictions with intervals."""

import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import catboost
import lightgbm
import msgspec
import numpy as np
import pandas as pd
import pytest
import xgboost
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import RandomForestRegressor
from sklearn.pipeline import make_pipeline

from contract import codec
from contract.errors import BadDataset, BadSetting, DeadLetterReason
from contract.events import DeadLetter
from contract.model.version import ModelRejected, ModelRejectionReason
from contract.registry import INTERVAL_TAG
from contract.schema import CARS, Schema
from contract.schema.task import DEFAULT_RULE, DecisionRule, Interval
from contract.settings import Settings, load
from data import dataset
from data.inference.infer import infer_schema
from producers.resampler import Resampler
from producers.settings import ProducerSettings
from producers.simulator import SimulationConfig
from stream_app.models.compile import compile_version
from stream_app.models.loader import ModelLoader
from stream_app.models.registered_model import RegisteredModel
from stream_app.models.registries.sqlite_registry import SqliteRegistry
from stream_app.scoring.score import ScoredBatch, score_batch
from tests.examples.deliveries import DELIVERIES, SCHEMA
from tests.support.scoring import LIMITS, NOW, a_message
from training import registry, train
from training.adoption.register import register
from training.adoption.request import Adoption, MappingOptions
from training.estimators import column_encoder
from training.gate.checks import CHAMPION_COVERAGE
from training.gate.gate import decide
from training.gate.types import Candidate, Champion, Thresholds
from training.lookback import rows as training_rows
from training.lookback.outcome_join import OutcomeJoin, RecordPosition
from training.model_loading import load_model
from training.registry_client import champion_version
from training.regression import conformal_interval, r_squared, regression_scores
from training.reproduce import reproduce
from training.settings import TrainingSettings
from training.steps import run_gate, train_and_promote
from training.task import task_of
from training.trace.lineage import Lineage
from training.trace.render import render_text

HELD_OUT = 500
"""The last rows, which no adopted model is fitted on."""


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return dataset.load_dataset(SCHEMA.dataset, SCHEMA)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> TrainingSettings:
    """Settings of a registry whose champion was trained as `intent train` does."""
    folder = tmp_path_factory.mktemp("deliveries")
    found = load(TrainingSettings, schema_file=str(DELIVERIES), data_dir=folder)
    assert train_and_promote(found) == "1"
    return found


@pytest.fixture(scope="module")
def champion(settings: TrainingSettings) -> RegisteredModel:
    return loaded(settings, "1")


def loaded(settings: TrainingSettings, version: str) -> RegisteredModel:
    """A version as a worker loads it."""
    scorer = load(Settings, schema_file=settings.schema_file, data_dir=settings.data_dir)
    entry = SqliteRegistry(settings.registry_uri, settings.model_name).version(version)
    compiled = compile_version(scorer, version)
    return ModelLoader(scorer, entry)._load_result(compiled)


def scored(model: Any, rows: pd.DataFrame, shadow: Any = None) -> ScoredBatch:
    records = SCHEMA.encoder.to_records(rows, rows["delivery"])
    messages = [a_message(codec.encode(each), offset=place) for place, each in enumerate(records)]
    return score_batch(messages, model, NOW, LIMITS, shadow)


def predictions(batch: ScoredBatch) -> list[Any]:
    return [SCHEMA.codec.decode_prediction(each["value"]) for each in batch.predictions]


def test_data_set_is_what_its_generator_writes() -> None:
    generator = runpy.run_path(str(Path(SCHEMA.dataset).with_name("generate.py")))
    assert Path(SCHEMA.dataset).read_text(encoding="utf-8") == generator["text"]()


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("classes = [0, 1]\nrange = [0, 1]", "either classes, or a range and a unit"),
        ("classes = [0, 1]\nunit = 'm'", "either classes, or a range and a unit"),
        ("labels = ['No']", "there must be a label for each class, or none"),
        ("range = [2, 1]", "the range of y must be two numbers, the smaller first"),
        ("classes = []", "must be 2 to 100 texts or integers, or left out for a number"),
    ],
)
def test_contradicting_target_is_refused(tmp_path: Path, target: str, said: str) -> None:
    file = tmp_path / "schema.toml"
    file.write_text(
        "name = 'a'\ndataset = 'a.csv'\n[[columns]]\nname = 'x'\nrange = [0, 1]\n"
        f"[target]\nname = 'y'\n{target}\n"
    )
    with pytest.raises(BadSetting, match=said.replace("[", r"\[")):
        Schema.load(file)


def test_outcomes_are_numbers_within_the_range() -> None:
    values = [b'{"id":"a","minutes":%s}' % text for text in (b"12.5", b"30", b"601", b'"x"')]
    decoded = SCHEMA.codec.decode_outcomes(values)
    assert [each.actual for each in decoded.events] == [12.5, 30.0]
    assert sorted(decoded.invalid) == [2, 3]


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "601"])
def test_row_without_a_valid_number_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(
        f"delivery,vehicle,weather,distance,parcels,stops,minutes\na,van,dry,1,1,0,{text}\n"
    )
    with pytest.raises(BadDataset, match=r"line 2, column minutes: .*a number from 0 to 600"):
        dataset.load_dataset(file, SCHEMA)


def test_initial_model_becomes_champion_with_scores_and_an_interval(
    settings: TrainingSettings, champion: RegisteredModel
) -> None:
    run = registry.read_run(settings, "1")
    assert run.params["estimator"] == "linear"
    assert 3 < run.metrics["mae"] < run.metrics["rmse"] < 9
    assert run.metrics["r2"] == run.metrics["skill"] > 0.8
    assert run.tags["gate"] == "passed"
    interval = champion.rule.interval
    assert interval is not None
    assert interval.level == 0.9
    assert interval.margin == run.metrics["interval_margin"] > run.metrics["mae"]


def test_prediction_carries_the_models_number_and_its_interval(
    settings: TrainingSettings, champion: RegisteredModel, rows: pd.DataFrame
) -> None:
    found = predictions(scored(champion, rows.head(50)))
    expected = train.outputs(load_model(settings, "1"), rows.head(50), SCHEMA)
    assert [each.prediction for each in found] == pytest.approx(expected.tolist())
    assert {each.model_version for each in found} == {"1"}
    interval = champion.rule.interval
    assert interval is not None
    for each in found:
        assert each.interval == pytest.approx(
            (each.prediction - interval.margin, each.prediction + interval.margin)
        )


def test_interval_ends_where_outcomes_do(champion: RegisteredModel, rows: pd.DataFrame) -> None:
    """Outcomes are 0 to 600 minutes; a prediction may be outside, and stays as it is."""
    rule = DecisionRule(interval=Interval(0.9, 10.0))
    outputs = np.array([3.0, 595.0, 300.0, -20.0])
    found = predictions(scored(Fixed(champion, outputs, rule), rows.head(4)))
    assert [each.prediction for each in found] == outputs.tolist()
    assert [each.interval for each in found] == [(0, 13), (585, 600), (290, 310), (0, 0)]


def test_version_without_an_interval_predicts_without_one(
    champion: RegisteredModel, rows: pd.DataFrame
) -> None:
    bare = replace(champion, source=replace(champion.source, rule=DecisionRule()))
    assert {each.interval for each in predictions(scored(bare, rows.head(3)))} == {None}


def test_interval_tag_that_is_none_rejects_the_version(champion: RegisteredModel) -> None:
    for text in ("", "{}", '{"level":1.5,"margin":1}', '{"level":0.9,"margin":-1}'):
        with pytest.raises(ModelRejected, match="is not an interval") as rejected:
            type(champion.source).from_tags("7", {INTERVAL_TAG: text})
        assert rejected.value.reason == ModelRejectionReason.INTERVAL


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_record_without_a_finite_number_becomes_a_dead_letter(
    champion: RegisteredModel, rows: pd.DataFrame, number: float
) -> None:
    batch = scored(Fixed(champion, np.array([1.0, number, 3.0])), rows.head(3))
    assert [each.prediction for each in predictions(batch)] == [1.0, 3.0]
    (letter,) = [msgspec.json.decode(each["value"], type=DeadLetter) for each in batch.dead_letters]
    assert letter.reason == DeadLetterReason.NO_PROBABILITY
    assert letter.offset == 1
    assert "gives no number for it" in letter.detail


def test_shadow_disagrees_outside_of_the_champions_interval(
    champion: RegisteredModel, rows: pd.DataFrame
) -> None:
    inside = DecisionRule(interval=Interval(0.9, 5.0))
    first = Fixed(champion, np.array([10.0, 20.0, 30.0]), inside)
    second = Fixed(champion, np.array([14.9, 25.1, 10.0]), DecisionRule())
    shadow = scored(first, rows.head(3), second).shadow
    assert shadow is not None
    assert shadow.disagreements == 2
    assert len(shadow.predictions) == 3


class Fixed:
    """The champion with other outputs."""

    def __init__(
        self, champion: RegisteredModel, outputs: Any, rule: DecisionRule = DEFAULT_RULE
    ) -> None:
        self.name, self.version, self.schema = champion.name, champion.version, champion.schema
        self.rule, self._outputs = rule, outputs

    def outputs(self, records: Any) -> Any:
        return self._outputs[: len(records)]


def test_trace_shows_the_number_with_its_interval(
    champion: RegisteredModel, rows: pd.DataFrame
) -> None:
    (found,) = predictions(scored(champion, rows.head(1)))
    low, high = found.interval
    text = render_text(Lineage(found))
    assert f": {found.prediction:.10g} in the interval {low:.10g} to {high:.10g}\n" in text


def test_training_is_reproducible(settings: TrainingSettings) -> None:
    assert reproduce(settings, "1").max_difference == 0


def test_margin_is_the_conformal_quantile_of_the_held_out_errors() -> None:
    errors = np.arange(1.0, 20.0)  # 19 rows: the ceil(20 * 0.9) = 18th smallest
    signs = np.where(np.arange(19) % 2, 1, -1)
    assert conformal_interval(np.zeros(19), signs * errors, 0.9) == Interval(0.9, 18.0)
    assert conformal_interval(np.zeros(19), errors, 0.95) == Interval(0.95, 19.0)
    with pytest.raises(BadDataset, match=r"level 0\.99 needs 99 held-out rows, and there are 19"):
        conformal_interval(np.zeros(19), errors, 0.99)


def test_intervals_cover_at_least_their_level_of_new_records() -> None:
    """On average over calibration sets: few rows, skewed errors, a useless model."""
    random = np.random.default_rng(5)
    covered = []
    for _ in range(400):
        errors = random.exponential(1.0, 1_030)
        interval = conformal_interval(np.zeros(30), errors[:30], 0.8)
        covered.append((errors[30:] <= interval.margin).mean())
    assert np.mean(covered) + 3 * np.std(covered) / 20 >= 0.8
    assert np.mean(covered) < 0.8 + 1 / 31 + 3 * np.std(covered) / 20


def test_interval_of_a_forest_is_that_of_rows_it_was_not_fitted_on(rows: pd.DataFrame) -> None:
    """A forest's errors on the rows it was fitted on are a third of the others."""
    result = train.fit(rows.head(600), "random_forest", 1, 0.25, SCHEMA)
    held_out = result.held_out
    errors = np.abs(train.outputs(result.model, held_out, SCHEMA) - held_out["minutes"])
    assert result.rule.interval is not None
    assert 0.9 <= (errors <= result.rule.interval.margin).mean() < 0.92


def test_scores_are_those_of_the_definitions() -> None:
    actual, predicted = np.array([1.0, 2.0, 6.0]), np.array([2.0, 2.0, 4.0])
    found = regression_scores(actual, predicted)
    assert found["mae"] == 1
    assert found["rmse"] == pytest.approx((5 / 3) ** 0.5)
    assert found["r2"] == pytest.approx(1 - 5 / 14)
    assert r_squared(actual, np.full(3, 3.0)) == 0
    assert r_squared(np.ones(3), actual) == 0


def decision(rows: pd.DataFrame, outputs: Any, baseline: Any) -> Any:
    candidate = Candidate(SCHEMA, rows, outputs, np.zeros(len(rows), bool), rows, 1.0)
    skill = task_of(SCHEMA).skill(rows["minutes"].to_numpy(), baseline)
    return decide(candidate, Champion("1", baseline, skill), Thresholds())


def test_gate_passes_smaller_errors_and_rejects_equal_biased_or_inverted_ones(
    rows: pd.DataFrame,
) -> None:
    actual = rows["minutes"].to_numpy()
    random = np.random.default_rng(3)
    good, worse = (actual + random.normal(0, size, len(rows)) for size in (5.0, 8.0))
    assert decision(rows, good, worse).promote
    assert decision(rows, good, worse).reason.startswith("on 2000 held-out rows its squared error")
    for outputs, check in (
        (worse, "held-out"),
        (good + 4, "bias"),
        (2 * actual.mean() - actual, "rank correlation"),
    ):
        found = decision(rows, outputs, worse)
        assert not found.promote
        assert check in {each.name for each in found.failed}


@pytest.mark.parametrize(("scale", "covers"), [(1.0, True), (2.0, False)])
def test_training_measures_the_coverage_of_the_champions_intervals(
    rows: pd.DataFrame, scale: float, covers: bool
) -> None:
    """The newest rows have errors of the size of the others, or twice as large."""
    actual = rows["minutes"].to_numpy()
    newest = np.arange(len(rows)) >= 1_600
    errors = np.random.default_rng(6).normal(0, 8, len(rows))
    baseline = actual + np.where(newest, scale, 1.0) * errors
    rule = DecisionRule(interval=conformal_interval(actual[:1_600], baseline[:1_600], 0.9))
    candidate = Candidate(SCHEMA, rows, actual, newest, rows, 1.0)
    found = decide(candidate, Champion("1", baseline, 0.9, rule), Thresholds())
    (check,) = [each for each in found.checks if each.name == CHAMPION_COVERAGE]
    assert check.passed is None
    assert (check.figure >= check.bound) == covers
    verdict = "as many as they should" if covers else "too few"
    assert "of 400 newest rows, " in check.message
    assert check.message.endswith(f" with 95 % confidence: {verdict}")
    assert found.promote


def test_training_warns_if_the_champions_intervals_cover_too_few(
    settings: TrainingSettings, rows: pd.DataFrame, caplog: pytest.LogCaptureFixture
) -> None:
    champion = champion_version(settings)
    for minutes, warnings in ((rows["minutes"], 0), (1.4 * rows["minutes"], 1)):
        caplog.clear()
        run_gate(settings, train.fit(rows.assign(minutes=minutes), "linear", 20, 0.25, SCHEMA))
        found = [each.getMessage() for each in caplog.records if "champion's" in each.getMessage()]
        assert len(found) == warnings
        assert all(f": too few model=delivery-minutes version={champion}" in text for text in found)


def test_gate_rejects_a_version_that_is_worse_for_one_group(rows: pd.DataFrame) -> None:
    actual = rows["minutes"].to_numpy()
    old = actual + np.random.default_rng(4).normal(0, 12, len(rows))
    trucks = (rows["vehicle"] == "truck").to_numpy()
    new = np.where(trucks, actual + 2 * (old - actual), actual)
    failed = {each.name for each in decision(rows, new, old).failed}
    assert "vehicle truck" in failed
    assert "held-out" not in failed


def test_gate_alone_decides_on_the_second_version(settings: TrainingSettings) -> None:
    """Monitoring does not compare numbers live, so the version does not wait as a challenger."""
    better = {"estimator": "hist_gradient_boosting", "lookback_hours": 0}
    version = train_and_promote(settings.model_copy(update=better))
    run = registry.read_run(settings, version)
    assert run.tags["gate"] == "passed", run.tags["gate.reason"]
    assert run.tags["promotion.decision"] == "promoted"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"estimator": "logistic"}, "choose linear, random_forest, hist_gradient_boosting"),
        ({"cost_false_negative": 2.0}, "minutes is a number: unset them"),
        ({"class_weight": "balanced"}, "minutes is a number: unset them"),
    ],
)
def test_settings_of_classes_are_refused(rows: pd.DataFrame, changed: Any, said: str) -> None:
    found = load(TrainingSettings, schema_file=str(DELIVERIES), **changed)
    params = train.TrainingParams(
        SCHEMA, found.estimator, 1, 0.25, 100, found.class_weight, found.costs
    )
    with pytest.raises(BadSetting, match=said):
        train.train(rows.assign(source="data set"), params)


def test_linear_estimator_does_not_fit_classes() -> None:
    with pytest.raises(BadSetting, match="choose logistic, random_forest"):
        train.build_model(train.TrainingParams(CARS, "linear", 1, 0.25, 100))


@pytest.mark.parametrize(
    ("count", "said"),
    [(15, "training needs at least 10 of each"), (30, "an interval of level 0.99 needs 99")],
)
def test_too_few_rows_are_refused(rows: pd.DataFrame, count: int, said: str) -> None:
    params = train.TrainingParams(SCHEMA, "linear", 1, 0.5, 100, interval_level=0.99)
    with pytest.raises(BadDataset, match=said):
        train.train(rows.head(count).assign(source="data set"), params)


@pytest.mark.parametrize("estimator", ["random_forest", "hist_gradient_boosting"])
def test_built_in_estimator_is_trusted_and_predicts_after_loading(
    rows: pd.DataFrame, tmp_path: Path, estimator: str
) -> None:
    from skops.io import dump  # noqa: PLC0415  imports every estimator of scikit-learn

    from contract.model.estimator import ESTIMATOR_TYPES, load_estimator  # noqa: PLC0415

    params = train.TrainingParams(SCHEMA, estimator, 1, 0.25, 100)
    model = train.build_model(params).fit(rows[list(SCHEMA.features)], rows["minutes"])
    dump(model, tmp_path / "model.skops")
    again = load_estimator("1", tmp_path / "model.skops", SCHEMA)
    kind = type(model[-1])
    assert f"{kind.__module__}.{kind.__name__}" in ESTIMATOR_TYPES
    assert np.array_equal(train.outputs(again, rows, SCHEMA), train.outputs(model, rows, SCHEMA))


def categorical(rows: pd.DataFrame) -> pd.DataFrame:
    texts = {each.name: each.categories for each in SCHEMA.inputs if not each.numerical}
    return rows[list(SCHEMA.features)].assign(
        **{name: pd.Categorical(rows[name], categories) for name, categories in texts.items()}
    )


def fit_xgboost(rows: pd.DataFrame, file: Path) -> Any:
    model = xgboost.XGBRegressor(n_estimators=15, enable_categorical=True, n_jobs=1)
    model.fit(categorical(rows), rows["minutes"]).save_model(file.with_suffix(".ubj"))
    return file.with_suffix(".ubj"), lambda given: model.predict(categorical(given))


def fit_lightgbm(rows: pd.DataFrame, file: Path) -> Any:
    model = lightgbm.LGBMRegressor(n_estimators=15, n_jobs=1, verbose=-1)
    model.fit(categorical(rows), rows["minutes"])
    model.booster_.save_model(file.with_suffix(".lgb"))
    return file.with_suffix(".lgb"), lambda given: model.predict(categorical(given))


NUMBERS = ["distance", "parcels", "stops"]


def fit_catboost(rows: pd.DataFrame, file: Path) -> Any:
    model = catboost.CatBoostRegressor(
        iterations=15, thread_count=1, verbose=False, allow_writing_files=False
    )
    model.fit(rows[NUMBERS], rows["minutes"]).save_model(str(file.with_suffix(".cbm")))
    return file.with_suffix(".cbm"), lambda given: model.predict(given[NUMBERS])


def fit_onnx(rows: pd.DataFrame, file: Path) -> Any:
    model = RandomForestRegressor(5, max_depth=5, random_state=1)
    model.fit(rows[NUMBERS].to_numpy(np.float32), rows["minutes"])
    inputs = [("features", FloatTensorType([None, len(NUMBERS)]))]
    file = file.with_suffix(".onnx")
    file.write_bytes(to_onnx(model, initial_types=inputs).SerializeToString())
    return file, lambda given: model.predict(given[NUMBERS].to_numpy(np.float32))


FITS: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "xgboost": fit_xgboost,
    "lightgbm": fit_lightgbm,
    "catboost": fit_catboost,
    "onnx": fit_onnx,
}


@pytest.mark.parametrize("name", FITS)
def test_model_of_another_library_is_adopted_and_predicts_as_the_library_does(
    settings: TrainingSettings, rows: pd.DataFrame, tmp_path: Path, name: str
) -> None:
    file, predict = FITS[name](rows.head(-HELD_OUT), tmp_path / "model")
    held_out = rows.tail(HELD_OUT)
    held_out.to_csv(tmp_path / "rows.csv", index=False)
    options = MappingOptions(features=tuple(NUMBERS)) if name == "onnx" else MappingOptions()
    adoption = Adoption(str(file), tmp_path / "rows.csv", "a@b", options=options)
    said = register(settings, adoption)
    assert ", MAE " in said
    assert " and R squared 0." in said
    version = said.removeprefix("registered version ").partition(" ")[0]
    model = loaded(settings, version)
    found = predictions(scored(model, held_out))
    expected = predict(held_out)
    assert [each.prediction for each in found] == pytest.approx(expected.tolist(), rel=1e-5)
    errors = np.sort(np.abs(expected - held_out["minutes"].to_numpy()))
    assert model.rule.interval is not None
    assert model.rule.interval.margin == pytest.approx(errors[451 - 1], rel=1e-5)


def test_model_of_classes_is_not_adopted_for_a_number(
    settings: TrainingSettings, rows: pd.DataFrame, tmp_path: Path
) -> None:
    late = (rows["minutes"] > 60).astype(int)
    model = lightgbm.LGBMClassifier(n_estimators=3, n_jobs=1, verbose=-1)
    model.fit(categorical(rows), late)
    model.booster_.save_model(tmp_path / "model.lgb")
    rows.head(100).to_csv(tmp_path / "rows.csv", index=False)
    with pytest.raises(ModelRejected, match="and the target of the schema is a number"):
        register(settings, Adoption(str(tmp_path / "model.lgb"), tmp_path / "rows.csv", "a@b"))


def trees(schema: Schema, random_state: int) -> Any:
    return make_pipeline(
        column_encoder(schema),
        RandomForestRegressor(3, max_depth=3, random_state=random_state),
    )


def no_estimator(schema: Schema, random_state: int) -> Any:
    return f"{schema.name} {random_state}"


def test_estimator_of_your_own_is_tried_and_trained(rows: pd.DataFrame) -> None:
    from training.custom_estimator import check_estimator  # noqa: PLC0415

    params = train.TrainingParams(SCHEMA, f"{__name__}:trees", 1, 0.25, 100)
    check_estimator(params.estimator, lambda: train.build_model(params), rows, SCHEMA)
    assert train.train(rows.assign(source="data set"), params).rule.interval is not None
    with pytest.raises(BadSetting, match="which has no method fit: return an unfitted scikit"):
        train.build_model(replace(params, estimator=f"{__name__}:no_estimator"))


def test_labelled_records_of_the_stream_are_trained_on_beside_the_data_set(
    rows: pd.DataFrame,
) -> None:
    """The newest 500 rows come as records and outcomes, and take twice as long as before."""
    old, new = rows.head(-HELD_OUT), rows.tail(HELD_OUT)
    new = new.assign(minutes=2 * new["minutes"])
    join = OutcomeJoin(10_000, SCHEMA)
    for place, (name, minutes) in enumerate(zip(new["delivery"], new["minutes"], strict=True)):
        value = msgspec.json.encode({"id": name, "minutes": minutes})
        join.add_outcome(SCHEMA.codec.decode_outcome(value), RecordPosition(place, 0, place))
    for place, record in enumerate(SCHEMA.encoder.to_records(new, new["delivery"])):
        join.add_customer(str(record.id), record, RecordPosition(place, 0, place))
    given = training_rows.concat(training_rows.from_dataset(old, SCHEMA), join.rows())
    again = training_rows.from_csv(training_rows.to_csv(given), SCHEMA)
    pd.testing.assert_frame_equal(again, given, check_dtype=False)
    assert given["minutes"].tail(HELD_OUT).tolist() == new["minutes"].tolist()
    result = train.train(again, train.TrainingParams(SCHEMA, "linear", 1, 0.25, HELD_OUT))
    assert result.rows == HELD_OUT  # the old rows are wrong by now
    assert result.newest == len(result.held_out)


def test_simulated_outcomes_are_those_of_the_rows(rows: pd.DataFrame) -> None:
    config = SimulationConfig(run="r")
    drawn = Resampler(rows, config, SCHEMA, column="distance", weight=5).draw(np.zeros(200))
    names = ("vehicle", "distance", "parcels", "stops", "minutes")
    known = set(zip(*(rows[name] for name in names), strict=True))
    for each in drawn:
        record: Any = SCHEMA.codec.decode_customer(each.value)
        outcome = SCHEMA.codec.decode_outcome(each.outcome)
        features = record.vehicle, record.distance, record.parcels, record.stops
        assert (*features, outcome.actual) in known


def test_wrong_outcomes_cannot_be_simulated() -> None:
    with pytest.raises(BadSetting, match="INTENT_LABEL_NOISE_START: minutes is a number"):
        load(ProducerSettings, schema_file=str(DELIVERIES), label_noise_start=5)


def test_schema_is_inferred_from_the_file(tmp_path: Path) -> None:
    inferred = infer_schema(Path(SCHEMA.dataset), "minutes", "deliveries.csv")
    file = tmp_path / "schema.toml"
    file.write_text(inferred.text)
    (tmp_path / "deliveries.csv").write_bytes(Path(SCHEMA.dataset).read_bytes())
    schema = Schema.load(file)
    assert schema.target.numeric
    assert any("it is predicted as a number" in doubt for doubt in inferred.doubts)
    assert not any("it alone says the target" in doubt for doubt in inferred.doubts)
    assert len(dataset.load_dataset(schema.dataset, schema)) == 2_000
