"""What the last step of a scikit-learn pipeline receives in place of a record's inputs. Pure."""

from typing import Any

import numpy as np

from contract.model.predictor import SklearnModel
from contract.schema.features import FeatureArrays


def last_step(model: SklearnModel) -> Any:
    """The estimator that scores what a pipeline's other steps encode."""
    return model.estimator[-1] if hasattr(model.estimator, "steps") else model.estimator


def encode(model: SklearnModel, features: FeatureArrays) -> Any:
    """What the last step receives for n records, a matrix that may be sparse."""
    frame = model.to_frame(features)
    steps = getattr(model.estimator, "steps", ())
    return model.estimator[:-1].transform(frame) if len(steps) > 1 else frame


def class_order(model: SklearnModel) -> list[int]:
    """The place of each of the schema's classes among the model's; empty for numbers."""
    if model.schema.task.numeric:
        return []
    classes = np.asarray(model.estimator.classes_).tolist()
    return [classes.index(value) for value in model.schema.classes.values]
