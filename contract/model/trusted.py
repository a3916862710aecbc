"""skops, and the types that it may load, without what skops imports to make its own list of them.

That list is of all of scikit-learn's estimators, so skops imports every one, and pytest: a fifth of
the time that a new model takes to its first prediction. Ours are few, and named here.
"""

from importlib import import_module
from typing import Any, Final

import sklearn.utils

from contract.registry import TRUSTED_TYPES

USUAL: Final = (
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
"""What our models are made of. For others, all that scikit-learn has is asked, which takes time."""


def skops_io() -> Any:
    """The module `skops.io`; the types that it trusts by itself are fewer if we import it first."""
    every = sklearn.utils.all_estimators
    sklearn.utils.all_estimators = list
    try:
        return import_module("skops.io")
    finally:
        sklearn.utils.all_estimators = every


def trusted_types(untrusted: list[str]) -> list[str]:
    """Which types a file may hold, given those in it that `skops_io` does not trust by itself."""
    ours = [*USUAL, *TRUSTED_TYPES]
    if set(untrusted) <= set(ours):
        return ours
    every = [kind for _, kind in sklearn.utils.all_estimators()]
    return [*ours, *(f"{kind.__module__}.{kind.__name__}" for kind in every)]
