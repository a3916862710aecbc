"""INTENT_ESTIMATOR=package.module:factory -> a checked estimator of your own.

`docs/how-to/your-model.md` describes the interface.
"""

from collections.abc import Callable, Collection
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd
from sklearn.base import clone

from contract.errors import BadSetting, first_line
from contract.model.estimator import load_estimator
from contract.model.version import ModelRejected
from contract.registry import MODEL_FILE
from contract.schema import Schema
from contract.schema.task import Floats
from training.task import task_of

TRIAL_ROWS: Final = 200
"""Rows of the trial: at most this many of each class."""

TOLERANCE: Final = 1e-9
"""Maximum difference of equal outputs, of numbers relative to the largest: threads may add up a
forest's trees in any order."""

_KINDS: Final = {True: "regressor", False: "classifier with probabilities"}

HOW_TO: Final = "docs/how-to/your-model.md"


class Factory(Protocol):
    """What INTENT_ESTIMATOR names."""

    def __call__(self, schema: Schema, random_state: int) -> Any:
        """Returns an unfitted scikit-learn classifier; a regressor for a numeric target.

        Its `fit`, and `predict_proba` or `predict`, take a frame with a column for each of
        `schema.features`: numbers as floats, categories as texts; NaN where missing.

        Args:
            schema: of the records.
            random_state: INTENT_RANDOM_STATE.
        """


def create_estimator(name: str, schema: Schema, random_state: int) -> Any:
    """Calls the factory, and seeds every `random_state` that it left at None.

    Args:
        name: `package.module:factory`.
        schema: of the records.
        random_state: seed.

    Raises:
        BadSetting: the factory cannot be imported, or does not return such a classifier.
    """
    factory = _import_factory(name)
    try:
        estimator = factory(schema=schema, random_state=random_state)
    except Exception as failure:  # foreign code may raise anything
        raise _bad_estimator(
            name, f"the factory failed ({_describe(failure)}): it is called with `schema` and "
            "`random_state`"
        ) from failure  # fmt: skip
    kind = type(estimator).__name__
    for method in ("fit", _method(schema), "get_params", "set_params"):
        if not callable(getattr(estimator, method, None)):
            raise _bad_estimator(
                name, f"the factory returned a {kind}, which has no method {method}: return an "
                f"unfitted scikit-learn {_KINDS[schema.task.numeric]}"
            )  # fmt: skip
    try:
        clone(estimator)
    except Exception as failure:
        raise _bad_estimator(
            name, f"scikit-learn cannot clone the {kind} ({_describe(failure)}): its __init__ "
            "must store each parameter unchanged"
        ) from failure  # fmt: skip
    return _seed(name, estimator, random_state)


def check_estimator(
    name: str,
    create: Callable[[], Any],
    rows: pd.DataFrame,
    schema: Schema,
    trusted: Collection[str] = (),
) -> None:
    """Fits, repeats, stores and loads a model on a few rows, before a long training.

    Args:
        name: `package.module:factory`.
        create: creates the unfitted model.
        rows: features and target.
        schema: of the rows.
        trusted: types of INTENT_MODEL_TRUSTED_TYPES.

    Raises:
        BadSetting: it cannot be fitted, its outputs are invalid, a second fit gives others,
            or scorers would reject its file.
    """
    target = schema.target.name
    sample = task_of(schema).trial_rows(rows, TRIAL_ROWS)
    called = "predictions" if schema.task.numeric else "probabilities"
    features = sample[list(schema.features)]
    first, second = (_fit_on_sample(name, create, features, sample[target]) for _ in range(2))
    expected = _outputs(name, first, features, schema)
    if not _equal(expected, _outputs(name, second, features, schema)):
        raise _bad_estimator(
            name, f"two fits on the same rows give different {called}: set its random_state"
        )
    loaded = _store_and_load(name, first, schema, trusted)
    if not _equal(expected, _outputs(name, loaded, features, schema)):
        raise _bad_estimator(name, f"its {called} change when it is stored and loaded")


def _import_factory(name: str) -> Factory:
    module_name, _, attribute = name.partition(":")
    try:
        module = import_module(module_name)
    except Exception as failure:
        raise _bad_estimator(
            name, f"cannot import {module_name} ({_describe(failure)}): install its package, or "
            "add its folder to PYTHONPATH"
        ) from failure  # fmt: skip
    factory: Factory | None = getattr(module, attribute, None)
    if not callable(factory):
        raise _bad_estimator(name, f"{module_name} has no function {attribute}: name one")
    return factory


def _seed(name: str, estimator: Any, random_state: int) -> Any:
    seeds = {
        parameter: value
        for parameter, value in estimator.get_params(deep=True).items()
        if parameter == "random_state" or parameter.endswith("__random_state")
    }
    for parameter, value in seeds.items():
        if value is not None and not isinstance(value, int | np.integer):
            raise _bad_estimator(
                name, f"its {parameter} is a {type(value).__name__}, which changes with each fit: "
                "set it to an integer"
            )  # fmt: skip
    missing = [parameter for parameter, value in seeds.items() if value is None]
    return estimator.set_params(**dict.fromkeys(missing, random_state))


def _fit_on_sample(
    name: str, create: Callable[[], Any], features: pd.DataFrame, target: pd.Series
) -> Any:
    model = create()
    try:
        return model.fit(features, target)
    except Exception as failure:
        raise _bad_estimator(
            name, f"it cannot be fitted to {len(features)} rows with the columns "
            f"{', '.join(map(str, features))} ({_describe(failure)})"
        ) from failure  # fmt: skip


def _method(schema: Schema) -> str:
    return "predict" if schema.task.numeric else "predict_proba"


def _outputs(name: str, estimator: Any, features: pd.DataFrame, schema: Schema) -> Floats:
    method = _method(schema)
    try:
        outputs: Floats = np.asarray(getattr(estimator, method)(features), dtype=np.float64)
        finite = bool(np.isfinite(outputs).all())
        sums = np.ones(1) if schema.task.numeric else outputs.sum(axis=1)
    except Exception as failure:
        raise _bad_estimator(name, f"its {method} failed ({_describe(failure)})") from failure
    if schema.task.numeric:
        if not finite or outputs.shape != (len(features),):
            raise _bad_estimator(name, "its predict does not return a finite number for each row")
    elif not finite or outputs.min() < 0 or not np.allclose(sums, 1):
        raise _bad_estimator(
            name, "its predict_proba does not return probabilities from 0 to 1 that add up to 1"
        )
    return outputs


def _equal(first: Floats, second: Floats) -> bool:
    tolerance = TOLERANCE * max(1.0, float(np.abs(first).max(initial=0.0)))
    return bool(np.allclose(first, second, rtol=0, atol=tolerance))


def _store_and_load(name: str, estimator: Any, schema: Schema, trusted: Collection[str]) -> Any:
    from skops.io import dump  # noqa: PLC0415  imports every estimator of scikit-learn

    with TemporaryDirectory() as folder:
        file = Path(folder, MODEL_FILE)
        try:
            dump(estimator, file)
            return load_estimator("of the trial", file, schema, trusted)
        except ModelRejected as rejected:
            raise _bad_estimator(name, f"scorers would reject it: {rejected}") from rejected
        except Exception as failure:
            raise _bad_estimator(name, f"skops cannot store it ({_describe(failure)})") from failure


def _describe(failure: Exception) -> str:
    return f"{type(failure).__name__}: {first_line(failure)}"


def _bad_estimator(name: str, reason: str) -> BadSetting:
    return BadSetting(f"INTENT_ESTIMATOR={name}: {reason}; see {HOW_TO}")
