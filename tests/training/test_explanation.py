"""Contributions of the features sum to the score that the version gives the record."""

from collections.abc import Callable
from itertools import combinations
from math import factorial
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from contract import codec, kafka
from contract.errors import BadSetting
from contract.model.predictor import SklearnModel
from contract.model.version import ModelVersion
from contract.schema import CARS, Schema, Target
from contract.topics import topics
from data.dataset import load_dataset
from stream_app.models.registered_model import RegisteredModel
from stream_app.scoring.score import score_batch
from tests.examples.pumps import PUMPS
from tests.support.builders import produce
from tests.support.fixtures import SettingsFor
from tests.support.models import ESTIMATORS
from tests.support.scoring import LIMITS, NOW, a_message
from training import commands
from training.estimators import build_pipeline
from training.explanation.explain import LOG_ODDS, NUMBER, PROBABILITY, SOFTMAX, explain
from training.explanation.shapley import Score, feature_orders, shapley_values
from training.model_loading import load_model_with_rule
from training.registry_client import champion_version
from training.regularisation import LogisticParams
from training.settings import Estimator, TrainingSettings
from training.train import TrainingResult, outputs

RANDOM = np.random.default_rng(5)


def numbers(rows: int, columns: int) -> pd.DataFrame:
    names = [f"x{index}" for index in range(columns)]
    return pd.DataFrame(RANDOM.normal(size=(rows, columns)), columns=names)


def by_definition(score: Score, record: pd.DataFrame, background: pd.DataFrame) -> list[float]:
    """Shapley's formula, over all subsets of the other features."""
    names = [str(name) for name in record]

    def value(known: set[str]) -> float:
        mixed = background.assign(**{name: record[name].iloc[0] for name in known})
        return float(score(mixed).mean())

    def of(name: str) -> float:
        others = [each for each in names if each != name]
        total = 0.0
        for size in range(len(names)):
            weight = factorial(size) * factorial(len(names) - size - 1) / factorial(len(names))
            for subset in combinations(others, size):
                total += weight * (value({*subset, name}) - value(set(subset)))
        return total

    return [of(name) for name in names]


@pytest.mark.parametrize(
    ("columns", "score"),
    [
        (4, lambda rows: (rows.x0 * rows.x1 * rows.x2 - np.sin(rows.x3 * rows.x0)).to_numpy()),
        (6, lambda rows: (rows.x0 * rows.x1 + rows.x2**2 - 3 * rows.x4 * rows.x5).to_numpy()),
    ],
    ids=["any score of four features", "pairs of six features"],
)
def test_values_are_those_of_shapleys_formula(
    columns: int, score: Callable[[pd.DataFrame], np.ndarray]
) -> None:
    record, background = numbers(1, columns), numbers(20, columns)
    base, values = shapley_values(score, record, background)
    assert values == pytest.approx(by_definition(score, record, background))
    assert base + values.sum() == pytest.approx(score(record)[0])


def test_orders_of_many_features_come_in_pairs_and_are_always_the_same() -> None:
    orders = feature_orders(7)
    for forwards, backwards in zip(orders[::2], orders[1::2], strict=True):
        assert list(backwards) == list(forwards)[::-1]
    assert orders == feature_orders(7)
    assert len(feature_orders(3)) == 6


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_contributions_sum_to_the_score(
    kind: Estimator, fitted: dict[Estimator, TrainingResult]
) -> None:
    result = fitted[kind]
    for place in (0, 100):
        record = result.held_out.iloc[[place]]
        found = explain(result.model, record, result.reference, CARS)
        assert found.scale == (PROBABILITY if kind == "random_forest" else LOG_ODDS)
        probability = found.score if found.scale == PROBABILITY else expit(found.score)
        assert probability == pytest.approx(outputs(result.model, record, CARS)[0])
        assert found.output == pytest.approx(probability)
        assert found.values == record[list(CARS.features)].iloc[0].to_dict()


def test_contributions_of_a_linear_model_are_its_terms() -> None:
    rows = load_dataset(CARS.dataset, CARS)
    model = build_pipeline("logistic", 20, CARS, LogisticParams(degree=1))
    model.fit(rows[list(CARS.features)], rows.Purchased)
    record = rows.iloc[[7]]
    found = explain(model, record, rows.head(100), CARS)
    encode, coefficients = model["encode"], model["classify"].coef_[0]
    terms = (
        encode.transform(record) - encode.transform(rows.head(100)).mean(axis=0)
    ) * coefficients
    assert list(found.contributions.values()) == pytest.approx(terms[0])  # one of each feature


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_several_classes_and_missing_values_are_explained(kind: Estimator) -> None:
    schema = Schema.load(PUMPS)
    rows = load_dataset(schema.dataset, schema).head(800)
    model = build_pipeline(kind, 20, schema)
    model.fit(rows[list(schema.features)], rows[schema.target.name])
    (name, *_) = schema.nullable
    record = rows[rows[name].isna()].head(1)
    found = explain(model, record, rows, schema)
    assert found.scale == (PROBABILITY if kind == "random_forest" else SOFTMAX)
    assert found.label == model.predict(record[list(schema.features)])[0]
    given = record[list(schema.features)]
    place = model.classes_.tolist().index(found.label)
    scored = model.predict_proba if found.scale == PROBABILITY else model.decision_function
    assert found.score == pytest.approx(scored(given)[0, place])
    assert found.values[name] is None


def test_number_is_explained_in_its_unit() -> None:
    schema = Schema(CARS.name, CARS.dataset, CARS.columns, Target("spent"))
    rows = load_dataset(CARS.dataset, CARS)
    rows["spent"] = rows.Age * rows.AnnualSalary / 1_000
    model = build_pipeline("linear", 20, schema).fit(rows[list(schema.features)], rows.spent)
    record = rows.iloc[[3]]
    found = explain(model, record, rows, schema)
    assert (found.scale, found.label) == (NUMBER, None)
    assert found.score == pytest.approx(model.predict(record[list(schema.features)])[0])
    assert found.output == pytest.approx(found.score)


def test_command_explains_a_prediction_by_the_version_and_the_record_that_it_is_of(
    settings_for: SettingsFor, champion: dict[str, str]
) -> None:
    settings = settings_for(TrainingSettings, **champion)
    records = [
        {"id": name, "Gender": "Female", "Age": age, "AnnualSalary": 90_000}
        for name, age in (("ada", 60), ("bob", 20))
    ]
    values = [msgspec.json.encode(record) for record in records]
    kafka.ensure_topics(settings, topics(settings))
    customers = topics(settings).customers.name
    produce(settings.kafka_bootstrap, customers, values, partition=0)
    version = str(champion_version(settings))
    estimator, rule = load_model_with_rule(settings, version)
    model = RegisteredModel(
        settings.model_name,
        ModelVersion(version, None, rule=rule),
        SklearnModel(estimator, CARS),
        CARS,
        is_compiled=False,
    )
    messages = [a_message(value, partition=0, offset=place) for place, value in enumerate(values)]
    sent = [each["value"] for each in score_batch(messages, model, NOW, LIMITS).predictions]
    produce(settings.kafka_bootstrap, settings.topic_predictions, sent, partition=0)

    text = commands.explain(settings, "ada")
    found = msgspec.json.decode(commands.explain(settings, "0:0", as_json=True))
    assert found["prediction"] == msgspec.json.decode(sent[0])
    assert found["values"] == {key: records[0][key] for key in CARS.features}
    total = found["base"] + sum(found["contributions"].values())
    assert found["score"] == pytest.approx(total)
    probability = found["prediction"]["probability"]
    assert (total if found["scale"] == PROBABILITY else expit(total)) == pytest.approx(probability)
    largest = max(found["contributions"], key=lambda name: abs(found["contributions"][name]))
    assert text.splitlines()[4].startswith(largest)
    assert "differs" not in text

    made: Any = CARS.codec.decode_prediction(sent[0])
    for offset, reason in ((1, r"is the record of bob, not of ada"), (7, r"no record at .*set 7")):
        moved = codec.encode(msgspec.structs.replace(made, offset=offset)).decode()
        with pytest.raises(BadSetting, match=reason):
            commands.explain(settings, moved)
