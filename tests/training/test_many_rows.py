"""Many rows and many categories: what a training holds in memory, and what a scorer makes of it."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
import skops.io

from contract.model.estimator import load_estimator
from contract.model.predictor import SklearnModel
from contract.model.version import ModelVersion
from contract.registry import TRUSTED_TYPES
from contract.schema import CARS, Column, Schema, Target
from stream_app.models.registered_model import RegisteredModel
from stream_app.scoring.score import score_batch
from tests.support.models import ESTIMATORS
from tests.support.scoring import LIMITS, NOW, a_message
from training.estimators import MAX_DENSE_CATEGORIES, build_pipeline
from training.settings import Estimator
from training.task import Regression
from training.train import fit

VALUES = 10_000


def shops(categories: int) -> Schema:
    return Schema(
        "shops",
        "",
        (
            Column("shop", categories=tuple(f"s{n}" for n in range(categories)), other="other"),
            Column("x", range=(-10, 10)),
            Column("z", range=(-10, 10), nullable=True),
        ),
        Target("y", classes=("no", "yes")),
    )


def table(schema: Schema, rows: int = 5_000) -> pd.DataFrame:
    """The more frequent a shop is, the lower is its number; even shops have the class yes."""
    random = np.random.default_rng(3)
    number = np.floor(VALUES * random.random(rows) ** 4).astype(int)
    listed = np.array(schema.inputs[0].categories, dtype=object)
    return pd.DataFrame(
        {
            "shop": listed[np.minimum(number, len(listed) - 1)],
            "x": random.normal(size=rows).clip(-10, 10),
            "z": np.where(random.random(rows) < 0.2, np.nan, random.random(rows)),
            "y": np.where(number % 2 + random.random(rows) * 0.5 < 1, "yes", "no"),
        }
    )


def fitted(kind: Estimator, schema: Schema, rows: pd.DataFrame) -> Any:
    return build_pipeline(kind, 20, schema).fit(rows[list(schema.features)], rows["y"])


def encoded_bytes(kind: Estimator, categories: int) -> int:
    schema = shops(categories)
    rows = table(schema)
    encode = build_pipeline(kind, 20, schema)["encode"]
    matrix = encode.fit_transform(rows[list(schema.features)], rows["y"])
    parts = [getattr(matrix, part, None) for part in ("indices", "indptr", "data")]
    return sum(part.nbytes for part in parts if part is not None)


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_memory_of_a_training_does_not_grow_with_the_categories(kind: Estimator) -> None:
    few, many = (encoded_bytes(kind, count) for count in (MAX_DENSE_CATEGORIES + 4, 1_000))
    assert many <= few * 1.1


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_column_of_10_000_values_is_learned_stored_and_scored(
    kind: Estimator, tmp_path: Path
) -> None:
    schema = shops(1_000)
    rows = table(schema)
    model = fitted(kind, schema, rows)
    file = tmp_path / "model.skops"
    skops.io.dump(model, file)
    assert set(skops.io.get_untrusted_types(file=file)) <= set(TRUSTED_TYPES)
    predictor = SklearnModel(load_estimator("1", file, schema), schema)
    loaded = RegisteredModel("shops", ModelVersion("1", None), predictor, schema, False)

    named = ["s0", "s1", "s2", "s3", "s9999", "never seen"]
    records = [{"id": name, "shop": name, "x": 0.5, "z": 0.5} for name in named]
    messages = [a_message(msgspec.json.encode(record)) for record in records]
    scored = score_batch(messages, loaded, NOW, LIMITS)
    assert not scored.dead_letters
    found = [msgspec.json.decode(each["value"]) for each in scored.predictions]
    assert [each["prediction"] for each in found[:4]] == ["yes", "no", "yes", "no"]
    frame = pd.DataFrame({"shop": [*named[:4], "other", "other"], "x": 0.5, "z": 0.5})
    np.testing.assert_allclose(
        [each["probability"] for each in found], model.predict_proba(frame)[:, 1]
    )


@pytest.mark.parametrize("kind", Regression.estimators)
def test_numbers_are_learned_from_a_column_of_10_000_values(kind: Estimator) -> None:
    classes = shops(1_000)
    schema = Schema("shops", "", classes.columns, Target("y", range=(-100, 100)))
    rows = table(classes, 2_000)
    rows["y"] = np.where(rows.y == "yes", 10.0, -10.0) + rows.x
    model = build_pipeline(kind, 20, schema).fit(rows[list(schema.features)], rows.y)
    frame = pd.DataFrame({"shop": ["s0", "s1", "s2", "s3"], "x": 0.5, "z": 0.5})
    assert (model.predict(frame) > 0).tolist() == [True, False, True, False]


def test_each_tree_of_a_forest_is_made_from_a_part_of_many_rows(
    rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.estimators.MAX_TREE_ROWS", 200)
    forest = fit(rows, "random_forest", 20, 0.25, CARS).model["classify"]
    sizes = {int(tree.tree_.weighted_n_node_samples[0]) for tree in forest.estimators_}
    assert sizes == {200}
