"""The built-in estimators, which take the frame of `FeatureEncoder.to_frame` unchanged. Pure."""

from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler

from contract.schema import Schema
from contract.schema.inputs import Feature
from training.regularisation import DEFAULT_PARAMS, LogisticParams
from training.settings import Estimator


def build_pipeline(
    estimator: Estimator,
    random_state: int,
    schema: Schema,
    logistic: LogisticParams = DEFAULT_PARAMS,
) -> Pipeline:
    """An unfitted model of a built-in kind."""
    # linear terms alone cannot separate buyers who are young and rich, or old and poor
    degree = logistic.degree if estimator in ("logistic", "linear") else 1
    create, name = (_regressor, "regress") if schema.task.numeric else (_classifier, "classify")
    last = create(estimator, random_state, logistic)
    return Pipeline([("encode", column_encoder(schema, degree)), (name, last)])


def column_encoder(schema: Schema, degree: int = 1) -> ColumnTransformer:
    """Encodes the schema's columns as numbers: scaled numbers, and a column for each category.

    A missing number is replaced by the median and marked in a column of its own.

    Args:
        schema: of the columns.
        degree: 2 adds squares and products of the numerical columns.
    """
    numerical: list[tuple[str, Any]] = [("scale", StandardScaler())]
    if set(schema.nullable) & set(schema.numerical):
        numerical.insert(0, ("impute", SimpleImputer(strategy="median", add_indicator=True)))
    if degree > 1:
        numerical.append(("polynomial", PolynomialFeatures(degree=2, include_bias=False)))
    categorical = categorical_columns(schema)
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
    return ColumnTransformer([step for step in steps if step[2]])


def categorical_columns(schema: Schema) -> list[Feature]:
    """The schema's inputs that are not numbers."""
    return [each for each in schema.inputs if not each.numerical]


def _one_hot(columns: list[Feature], **options: str) -> OneHotEncoder:
    categories = [list(column.categories) for column in columns]
    return OneHotEncoder(categories=categories, sparse_output=False, **options)


def _classifier(estimator: Estimator, random_state: int, logistic: LogisticParams) -> Any:
    match estimator:
        case "random_forest":
            return RandomForestClassifier(n_estimators=100, random_state=random_state)
        case "hist_gradient_boosting":
            return HistGradientBoostingClassifier(random_state=random_state)
        case _:
            return LogisticRegression(C=logistic.c, max_iter=1000)


def _regressor(estimator: Estimator, random_state: int, logistic: LogisticParams) -> Any:
    match estimator:
        case "random_forest":
            return RandomForestRegressor(n_estimators=100, random_state=random_state)
        case "hist_gradient_boosting":
            return HistGradientBoostingRegressor(random_state=random_state)
        case _:
            return Ridge(alpha=1 / logistic.c)
