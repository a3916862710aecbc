"""The built-in estimators, which take the frame of `FeatureEncoder.to_frame` unchanged. Pure."""

from collections.abc import Sequence
from typing import Any, Final

from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    OneHotEncoder,
    PolynomialFeatures,
    StandardScaler,
    TargetEncoder,
)

from contract.schema import Schema
from contract.schema.inputs import Feature
from training.regularisation import DEFAULT_PARAMS, LogisticParams
from training.settings import Estimator

MAX_DENSE_CATEGORIES: Final = 16
"""Trees get a column of numbers for each category of an input that has at most this many."""

MEAN_FOLDS: Final = 5
"""Folds of which a category's mean is taken."""

MAX_DENSITY: Final = 0.3
"""Share of values other than 0 below which a matrix is sparse."""

MAX_TREE_ROWS: Final = 50_000
"""Rows from which each tree of a forest is made."""


def build_pipeline(
    estimator: Estimator,
    random_state: int,
    schema: Schema,
    logistic: LogisticParams = DEFAULT_PARAMS,
    rows: int = 0,
) -> Pipeline:
    """An unfitted model of a built-in kind.

    What it holds in memory while it is fitted grows with the rows and the columns, not with the
    categories: docs/decisions/0027-tables.md.

    Args:
        estimator: the kind.
        random_state: seed of forest and boosting, and of the folds of target encoding.
        schema: of the rows.
        logistic: hyperparameters of a logistic model.
        rows: that it may be fitted on; a fold of them must be half of them or more.
    """
    if estimator in ("logistic", "linear"):
        # linear terms alone cannot separate buyers who are young and rich, or old and poor
        encode = column_encoder(schema, logistic.degree, sparse=True)
    else:
        encode = tree_encoder(schema, random_state)
    create, name = (_regressor, "regress") if schema.task.numeric else (_classifier, "classify")
    return Pipeline([("encode", encode), (name, create(estimator, random_state, logistic, rows))])


def column_encoder(schema: Schema, degree: int = 1, sparse: bool = False) -> ColumnTransformer:
    """Encodes the schema's columns as numbers: scaled numbers, and a column for each category.

    A missing number is replaced by the median and marked in a column of its own.

    Args:
        schema: of the columns.
        degree: 2 adds squares and products of the numerical columns.
        sparse: whether the result may be a sparse matrix. It is one if less than 30 % of it
            differs from 0, as with many categories: it then takes no more memory for more of them.
    """
    steps = _steps(schema, categorical_columns(schema), degree)
    return ColumnTransformer(steps, sparse_threshold=MAX_DENSITY if sparse else 0)


def tree_encoder(schema: Schema, random_state: int) -> ColumnTransformer:
    """Encodes the schema's columns for trees, as an array.

    An input of many categories becomes the mean of the target for its category (for several
    classes, of each), shrunk to the mean of all rows where a category has few. While the trees are
    fitted, a row's own target does not count: the means are those of other folds.

    Args:
        schema: of the columns.
        random_state: seed of the folds.
    """
    categorical = categorical_columns(schema)
    many = [each for each in categorical if len(each.categories) > MAX_DENSE_CATEGORIES]
    few = [each for each in categorical if each not in many]
    steps = _steps(schema, few)
    if many:
        numeric = schema.task.numeric
        folds = KFold if numeric else StratifiedKFold
        means = TargetEncoder(
            categories=_categories(many),
            target_type="continuous" if numeric else "auto",
            cv=folds(MEAN_FOLDS, shuffle=True, random_state=random_state),
        )
        steps.append(("means", means, [each.name for each in many]))
    return ColumnTransformer(steps, sparse_threshold=0)


def categorical_columns(schema: Schema) -> list[Feature]:
    """The schema's inputs that are not numbers."""
    return [each for each in schema.inputs if not each.numerical]


def _steps(schema: Schema, categorical: Sequence[Feature], degree: int = 1) -> list[Any]:
    numerical: list[tuple[str, Any]] = [("scale", StandardScaler())]
    if set(schema.nullable) & set(schema.numerical):
        numerical.insert(0, ("impute", SimpleImputer(strategy="median", add_indicator=True)))
    if degree > 1:
        numerical.append(("polynomial", PolynomialFeatures(degree=2, include_bias=False)))
    required = [column for column in categorical if not column.nullable]
    optional = [column for column in categorical if column.nullable]
    steps = [
        ("categories", _one_hot(required, drop="first"), [column.name for column in required]),
        # a missing value is not a category: all of its columns are 0
        (
            "optional",
            _one_hot(optional, handle_unknown="ignore"),
            [column.name for column in optional],
        ),
        ("numerical", Pipeline(numerical), list(schema.numerical)),
    ]
    return [step for step in steps if step[2]]


def _one_hot(columns: Sequence[Feature], **options: str) -> OneHotEncoder:
    return OneHotEncoder(categories=_categories(columns), **options)


def _categories(columns: Sequence[Feature]) -> list[list[str]]:
    return [list(column.categories) for column in columns]


def _classifier(
    estimator: Estimator, random_state: int, logistic: LogisticParams, rows: int
) -> Any:
    match estimator:
        case "random_forest":
            return RandomForestClassifier(
                n_estimators=100, random_state=random_state, max_samples=_tree_rows(rows)
            )
        case "hist_gradient_boosting":
            return HistGradientBoostingClassifier(random_state=random_state)
        case _:
            return LogisticRegression(C=logistic.c, max_iter=1000)


def _regressor(estimator: Estimator, random_state: int, logistic: LogisticParams, rows: int) -> Any:
    match estimator:
        case "random_forest":
            return RandomForestRegressor(
                n_estimators=100, random_state=random_state, max_samples=_tree_rows(rows)
            )
        case "hist_gradient_boosting":
            return HistGradientBoostingRegressor(random_state=random_state)
        case _:
            return Ridge(alpha=1 / logistic.c)


def _tree_rows(rows: int) -> int | None:
    """Rows of each tree; None for as many as there are."""
    return MAX_TREE_ROWS if rows > 2 * MAX_TREE_ROWS else None
