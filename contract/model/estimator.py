"""Loads and checks the scikit-learn pipeline of a model version. Imports scikit-learn.

skops imports every estimator of scikit-learn, and pytest, to build its own list of trusted types.
That is a fifth of the time between a new model's registration and its first prediction. The types
that our models contain are listed here instead.
"""

from collections.abc import Collection
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
import sklearn.utils

from contract.errors import first_line
from contract.model.version import ModelRejected, ModelRejectionReason
from contract.registry import TRUSTED_TYPES
from contract.schema import Schema

ESTIMATOR_TYPES: Final = (
    "sklearn.calibration.CalibratedClassifierCV",
    "sklearn.compose._column_transformer.ColumnTransformer",
    "sklearn.ensemble._forest.RandomForestClassifier",
    "sklearn.ensemble._forest.RandomForestRegressor",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier",
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingRegressor",
    "sklearn.impute._base.MissingIndicator",
    "sklearn.impute._base.SimpleImputer",
    "sklearn.linear_model._logistic.LogisticRegression",
    "sklearn.linear_model._ridge.Ridge",
    "sklearn.pipeline.Pipeline",
    "sklearn.preprocessing._data.StandardScaler",
    "sklearn.preprocessing._encoders.OneHotEncoder",
    "sklearn.preprocessing._label.LabelEncoder",
    "sklearn.preprocessing._polynomial.PolynomialFeatures",
    "sklearn.preprocessing._target_encoder.TargetEncoder",
    "sklearn.tree._classes.DecisionTreeClassifier",
    "sklearn.tree._classes.DecisionTreeRegressor",
)
"""Types of our models. A file with other types is checked against all of scikit-learn's."""

LIGHTGBM_TYPES: Final = (
    "collections.OrderedDict",
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.sklearn.LGBMRegressor",
)
"""Types in LightGBM's scikit-learn estimator, which holds its model as text. MLflow trusts them."""


def load_estimator(version: str, file: Path, schema: Schema, trusted: Collection[str] = ()) -> Any:
    """Loads the fitted pipeline from a version's file.

    Columns and classes are those of the pipeline itself, which the digest covers, not those of the
    MLflow signature beside it.

    Args:
        version: Version number, for errors.
        file: In skops' format.
        schema: Of the records.
        trusted: Types of INTENT_MODEL_TRUSTED_TYPES, accepted in addition to scikit-learn's.

    Raises:
        ModelRejected: The file does not load, or the pipeline has other columns or classes.
    """
    name = f"version {version}"
    estimator = load_skops(name, file, trusted)
    check_signature(name, estimator, schema)
    return estimator


def load_skops(name: str, file: Path, trusted: Collection[str] = ()) -> Any:
    """Loads whatever a skops file contains, if all of its types are trusted.

    Args:
        name: What the file is, for errors.
        file: In skops' format.
        trusted: As in `load_estimator`.

    Raises:
        ModelRejected: The file does not load.
    """
    skops = skops_io()
    try:
        type_names = skops.get_untrusted_types(file=file)
        accepted = [*trusted_types(type_names), *trusted]
        untrusted = sorted(set(type_names) - set(accepted))
        if not untrusted:
            return skops.load(file, trusted=accepted)
    except Exception as failure:  # a damaged or foreign file may raise anything
        message = f"{name} does not load: {first_line(failure)}"
        raise ModelRejected(ModelRejectionReason.LOAD, message) from failure
    raise ModelRejected(
        ModelRejectionReason.LOAD,
        f"{name} does not load: it contains the types {', '.join(untrusted)}, which are not "
        "trusted; if their code is, add them to INTENT_MODEL_TRUSTED_TYPES",
    )


def check_signature(name: str, estimator: Any, schema: Schema) -> None:
    """Raises `ModelRejected` if the estimator has other columns or classes than the schema."""
    columns = sorted(getattr(estimator, "feature_names_in_", ()))
    if not columns or not set(columns) <= set(schema.features):
        raise ModelRejected(
            ModelRejectionReason.SIGNATURE,
            f"{name} has the columns {', '.join(columns) or '(without names)'}, "
            f"and the schema has {', '.join(sorted(schema.features))}",
        )
    classes = getattr(estimator, "classes_", np.empty(0)).tolist()
    expected = schema.target.classes
    method = "predict" if schema.task.numeric else "predict_proba"
    if sorted(classes) != sorted(expected) or not hasattr(estimator, method):
        raise ModelRejected(
            ModelRejectionReason.SIGNATURE,
            f"{name} predicts {classes or 'no classes'}, and the schema has "
            f"{' or '.join(map(str, expected)) or 'a numeric target'}",
        )


def skops_io() -> Any:
    """Imports `skops.io` without scikit-learn's estimators, so it trusts fewer types by itself."""
    all_estimators = sklearn.utils.all_estimators
    sklearn.utils.all_estimators = list
    try:
        return import_module("skops.io")
    finally:
        sklearn.utils.all_estimators = all_estimators


def trusted_types(untrusted: list[str]) -> list[str]:
    """Returns the types that a file may contain.

    Args:
        untrusted: Types in the file that `skops_io` does not trust by itself.
    """
    ours = [*ESTIMATOR_TYPES, *TRUSTED_TYPES]
    if set(untrusted) <= set(ours):
        return ours
    every = [estimator for _, estimator in sklearn.utils.all_estimators()]
    return [
        *ours,
        *LIGHTGBM_TYPES,
        *(f"{estimator.__module__}.{estimator.__name__}" for estimator in every),
    ]
