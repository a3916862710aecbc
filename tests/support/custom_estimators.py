"""Factories for INTENT_ESTIMATOR: one for each fault that is detected, and two good ones."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

from contract.schema import Schema
from training.estimators import column_encoder


def extra_trees(schema: Schema, random_state: int) -> Any:
    """Leaves its seed open."""
    del random_state
    return make_pipeline(column_encoder(schema), ExtraTreesClassifier(5))


def boosting(schema: Schema, random_state: int) -> Any:
    """Takes numbers alone."""
    del schema, random_state
    return HistGradientBoostingClassifier()


def naive_bayes(schema: Schema, random_state: int) -> Any:
    """Has neither a seed nor class weights."""
    del random_state
    return make_pipeline(column_encoder(schema), GaussianNB())


def failing(schema: Schema, random_state: int) -> Any:
    raise RuntimeError(f"no licence for {schema.name} {random_state}")


def without_arguments() -> Any:
    return LogisticRegression()


def regressor(schema: Schema, random_state: int) -> Any:
    del schema, random_state
    return LinearRegression()


def without_probabilities(schema: Schema, random_state: int) -> Any:
    del random_state
    return make_pipeline(column_encoder(schema), SGDClassifier())


class Unclonable(LogisticRegression):  # type: ignore[misc]  # has no types
    """Changes its parameter."""

    def __init__(self, C: float = 1.0) -> None:  # noqa: N803  scikit-learn's name
        super().__init__(C=C + 1)


def unclonable(schema: Schema, random_state: int) -> Any:
    del schema, random_state
    return Unclonable()


def random_generator(schema: Schema, random_state: int) -> Any:
    generator = np.random.RandomState(random_state)
    return make_pipeline(column_encoder(schema), ExtraTreesClassifier(5, random_state=generator))


class Guess(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # have no types
    """Returns the same numbers for every row, of each of two classes."""

    def __init__(self, numbers: tuple[float, float] | None = None) -> None:
        self.numbers = numbers

    def fit(self, features: pd.DataFrame, target: pd.Series) -> "Guess":
        self.feature_names_in_ = np.array(features.columns, dtype=object)
        self.classes_ = np.unique(target)
        self.drawn_ = np.random.default_rng().random()
        return self

    def predict_proba(self, features: pd.DataFrame) -> Any:
        numbers = self.numbers or (self.drawn_, 1 - self.drawn_)
        return np.tile(numbers, (len(features), 1))


def unseeded(schema: Schema, random_state: int) -> Any:
    del schema, random_state
    return Guess()


def no_probabilities(schema: Schema, random_state: int) -> Any:
    del schema, random_state
    return Guess((0.5, 0.7))


def own_class(schema: Schema, random_state: int) -> Any:
    """A class that is not of scikit-learn: scorers do not construct it."""
    del schema, random_state
    return Guess((0.5, 0.5))
