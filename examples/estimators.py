"""Estimators of your own for INTENT_ESTIMATOR: docs/how-to/your-model.md."""

from typing import Any

from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, PowerTransformer

from contract.schema import Schema
from training.estimators import column_encoder


def calibrated_trees(schema: Schema, random_state: int) -> Any:
    """Extremely randomized trees on this project's encoding, calibrated on three folds."""
    trees = ExtraTreesClassifier(n_estimators=30, min_samples_leaf=5, random_state=random_state)
    return CalibratedClassifierCV(make_pipeline(column_encoder(schema), trees), cv=3)


def binned_logistic(schema: Schema, random_state: int) -> Any:
    """A logistic regression with preprocessing of its own."""
    encode = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), list(schema.categorical)),
        (PowerTransformer(), list(schema.numerical)),
        (KBinsDiscretizer(8, quantile_method="averaged_inverted_cdf"), list(schema.numerical)),
    )
    return make_pipeline(encode, LogisticRegression(C=0.5, random_state=random_state))
