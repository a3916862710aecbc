"""The champion is found, compiled once, and started again without the large libraries."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import skops.io
from prometheus_client import CollectorRegistry
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures

from contract.errors import ModelUnavailable
from contract.features import FEATURES, TARGET, columns, frame_of
from contract.settings import Settings, load
from data import dataset
from stream_app.metrics import ScorerMetrics
from stream_app.model import local_registry, store
from stream_app.model.compiled import kept
from stream_app.model.located import Located
from stream_app.model.skops_file import load_estimator
from stream_app.model.store import ScikitLearn, load_champion
from tests.builders import a_customer, environment
from training import registry, succession, train
from training.evaluate import calibration, scores
from training.registry import Record
from training.settings import TrainingSettings

CUSTOMERS = [a_customer(), a_customer(age=58.0, annual_salary=130_000.0, gender="Male")]


@pytest.fixture
def settings(champion: dict[str, str], tmp_path: Path) -> Settings:
    """A registry with a champion, and a machine that has not scored with it."""
    return load(Settings, **champion, home=tmp_path)


def test_short_cut_finds_what_mlflow_finds(settings: Settings, tmp_path: Path) -> None:
    from stream_app.model import registry as by_mlflow  # noqa: PLC0415  takes seconds

    ours, theirs = local_registry.champion(settings), by_mlflow.champion(settings, tmp_path)
    assert ours is not None
    assert ours.version == theirs.version
    assert ours.file.read_bytes() == theirs.file.read_bytes()


@pytest.mark.parametrize(
    "changes", [{"model_name": "nobody"}, {"mlflow_uri": "http://127.0.0.1:1"},
                {"mlflow_uri": "sqlite:////nowhere/mlflow.db"}], ids=str
)  # fmt: skip
def test_short_cut_leaves_to_mlflow_what_it_does_not_find(
    settings: Settings, changes: dict[str, str]
) -> None:
    assert local_registry.champion(settings.model_copy(update=changes)) is None


def test_tables_of_another_mlflow_are_left_to_mlflow(settings: Settings, tmp_path: Path) -> None:
    import sqlite3  # noqa: PLC0415

    other = tmp_path / "other.db"
    with sqlite3.connect(other) as tables:
        tables.execute("CREATE TABLE model_versions (name TEXT)")
    changed = settings.model_copy(update={"mlflow_uri": f"sqlite:///{other}"})
    assert local_registry.champion(changed) is None


def test_champion_is_compiled_once_and_scores_as_scikit_learn_does(settings: Settings) -> None:
    located = local_registry.champion(settings)
    assert located is not None
    first = load_champion(settings)
    again = load_champion(settings)
    expected = load_estimator(located).predict_proba(frame_of(columns(CUSTOMERS)))[:, 1]
    assert first.is_compiled
    assert first.version == again.version == "1"
    assert kept.path(settings.home, located.file).is_file()
    for model in (first, again):
        assert model.probabilities(CUSTOMERS) == pytest.approx(expected, abs=1e-6)


def test_start_with_a_kept_form_imports_neither_mlflow_nor_scikit_learn(settings: Settings) -> None:
    load_champion(settings)
    program = (
        "import sys; import stream_app.app; from stream_app.model.store import load_champion;"
        "from contract.settings import Settings, load; load_champion(load(Settings));"
        "print({'mlflow', 'sklearn', 'pandas', 'scipy'} & sys.modules.keys())"
    )
    told = {**os.environ, **environment(settings)}
    said = subprocess.run(
        [sys.executable, "-c", program], env=told, capture_output=True, text=True, check=False
    )
    assert said.stdout.strip() == "set()", said.stderr


def test_damaged_kept_form_is_made_again(settings: Settings) -> None:
    load_champion(settings)
    located = local_registry.champion(settings)
    assert located is not None
    file = kept.path(settings.home, located.file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert kept.read(file) is None
    assert load_champion(settings).is_compiled
    assert kept.read(file) is not None


def test_form_belongs_to_the_content_of_its_model_file(settings: Settings, tmp_path: Path) -> None:
    one, same, other = tmp_path / "one", tmp_path / "same", tmp_path / "other"
    for file, content in ((one, b"a"), (same, b"a"), (other, b"b")):
        file.write_bytes(content)
    assert kept.path(settings.home, one) == kept.path(settings.home, same)
    assert kept.path(settings.home, one) != kept.path(settings.home, other)


def cubic(settings: TrainingSettings) -> Pipeline:
    """Our logistic model with terms of degree three, which no form can be."""
    rows = dataset.load(settings.dataset)
    model = train.pipeline("logistic", 20)
    model.set_params(encode__numbers__terms=PolynomialFeatures(3, include_bias=False))
    return model.fit(rows[list(FEATURES)], rows[TARGET])


def compiled_gauge(metrics: CollectorRegistry) -> Any:
    return metrics.get_sample_value("intent_scorer_model_compiled")


def test_model_that_does_not_compile_is_scored_by_scikit_learn_and_the_metric_says_so(
    tmp_path: Path,
) -> None:
    settings = load(TrainingSettings, home=tmp_path)
    rows = dataset.load(settings.dataset)
    trained = train.fit(rows, "logistic", 20, 0.25)
    model = cubic(settings)
    actual = trained.held_out[TARGET].to_numpy()
    found = train.probabilities(model, trained.held_out)
    version = registry.register(
        settings,
        train.Trained(model, trained.held_out, trained.reference),
        Record(scores(actual, found), calibration(actual, found), {}, {}),
    )
    succession.promote(settings, version, None, "the test wants it")

    champion = load_champion(load(Settings, home=tmp_path))
    metrics = ScorerMetrics()
    metrics.model(champion, champion.is_compiled)

    assert not champion.is_compiled
    assert isinstance(champion.form, ScikitLearn)
    expected = model.predict_proba(frame_of(columns(CUSTOMERS)))[:, 1]
    assert champion.probabilities(CUSTOMERS) == pytest.approx(expected, abs=1e-12)
    assert compiled_gauge(metrics.registry) == 0


def test_metric_says_that_a_model_is_compiled(settings: Settings) -> None:
    champion = load_champion(settings)
    metrics = ScorerMetrics()
    metrics.model(champion, champion.is_compiled)
    assert compiled_gauge(metrics.registry) == 1


def test_model_file_with_a_type_that_is_not_on_our_list_does_not_load(tmp_path: Path) -> None:
    file = tmp_path / "model.skops"
    skops.io.dump(FunctionTransformer(os.system), file)
    with pytest.raises(ModelUnavailable, match="does not load"):
        load_estimator(Located("1", file))


def test_fault_of_the_compiling_process_is_told_in_its_words(settings: Settings) -> None:
    nobody = settings.model_copy(update={"model_name": "nobody"})
    with pytest.raises(ModelUnavailable, match="no champion of nobody"):
        store.load_champion(nobody)
