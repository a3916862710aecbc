"""Loads and checks the scikit-learn pipeline of a model version. Imports scikit-learn.

skops imports every estimator of scikit-learn, and pytest, to build its own list of trusted types.
That is a fifth of the time between a new model's registration and its first prediction. The types
that our models contain are listed here instead.
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
import sklearn.utils

from contract.errors import first_line
from contract.events import CustomerRecord
from contract.model.checks import check_digest, check_example, load_example
from contract.model.version import ModelRejected, ModelRejectionReason, ModelVersion
from contract.registry import MODEL_FILE, TRUSTED_TYPES
from contract.schema import Schema
from contract.schema.classes import Floats

ESTIMATOR_TYPES: Final = (
    "sklearn.calibration.CalibratedClassifierCV",
    "sklearn.compose._column_transformer.ColumnTransformer",
    "sklearn.ensemble._forest.RandomForestClassifier",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier",
    "sklearn.impute._base.MissingIndicator",
    "sklearn.impute._base.SimpleImputer",
    "sklearn.linear_model._logistic.LogisticRegression",
    "sklearn.pipeline.Pipeline",
    "sklearn.preprocessing._data.StandardScaler",
    "sklearn.preprocessing._encoders.OneHotEncoder",
    "sklearn.preprocessing._label.LabelEncoder",
    "sklearn.preprocessing._polynomial.PolynomialFeatures",
    "sklearn.tree._classes.DecisionTreeClassifier",
)
"""Types of our models. A file with other types is checked against all of scikit-learn's."""


def load_checked_estimator(version: ModelVersion, folder: Path, schema: Schema) -> Any:
    """Loads the pipeline of a version that a worker may serve.

    The checks, in order: the file's digest, its types, its columns and classes, its example.

    Raises:
        ModelRejected: A check failed.
    """
    check_digest(version, folder)
    estimator = load_estimator(version.number, folder / MODEL_FILE, schema)

    def score(records: Sequence[CustomerRecord]) -> Floats:
        probabilities = estimator.predict_proba(schema.encoder.to_frame(records))
        return schema.classes.arrange(probabilities, estimator.classes_)

    check_example(version, load_example(version, folder, schema), score)
    return estimator


def load_estimator(version: str, file: Path, schema: Schema) -> Any:
    """Loads the fitted pipeline from a version's file.

    Columns and classes are those of the pipeline itself, which the digest covers, not those of the
    MLflow signature beside it.

    Raises:
        ModelRejected: The file does not load, or the pipeline has other columns or classes.
    """
    skops = skops_io()
    try:
        trusted = trusted_types(skops.get_untrusted_types(file=file))
        estimator = skops.load(file, trusted=trusted)
    except Exception as failure:  # a damaged or foreign file may raise anything
        message = f"version {version} does not load: {first_line(failure)}"
        raise ModelRejected(ModelRejectionReason.LOAD, message) from failure
    _check_signature(version, estimator, schema)
    return estimator


def _check_signature(version: str, estimator: Any, schema: Schema) -> None:
    columns = sorted(getattr(estimator, "feature_names_in_", ()))
    if columns != sorted(schema.features):
        raise ModelRejected(
            ModelRejectionReason.SIGNATURE,
            f"version {version} has the columns {', '.join(columns) or '(without names)'}, "
            f"and the schema has {', '.join(sorted(schema.features))}",
        )
    classes = getattr(estimator, "classes_", np.empty(0)).tolist()
    if sorted(classes) != sorted(schema.classes.values) or not hasattr(estimator, "predict_proba"):
        raise ModelRejected(
            ModelRejectionReason.SIGNATURE,
            f"version {version} predicts {classes or 'no classes'}, and the schema has "
            f"{' or '.join(map(str, schema.classes.values))}",
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
    return [*ours, *(f"{estimator.__module__}.{estimator.__name__}" for estimator in every)]
