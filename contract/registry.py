"""Names by which the stages find models and reference sets in the MLflow registry."""

from typing import Any, Final

import msgspec
from msgspec import Struct

from contract.errors import ModelUnavailable, RegistryDenied
from contract.schema import Schema
from contract.settings import Settings

CHAMPION_ALIAS: Final = "champion"
"""Alias of the version whose predictions count."""

CHALLENGER_ALIAS: Final = "challenger"
"""Alias of a version that may become champion. Workers score with it too, in shadow."""

PREVIOUS_CHAMPION_ALIAS: Final = "previous"
"""Alias of the previous champion during the probation of the new one. It scores in shadow if there
is no challenger."""

REFERENCE_FILE: Final = "reference/reference.csv"
"""Artifact of a version's run: the reference set that drift is measured against.

Columns: the schema's features, the target, `prediction` and, of classes, `probability`. The last
two are predicted out of fold. For the cars: `Purchased` (0 or 1) and the probability of a purchase.
"""

MODEL_FILE: Final = "model.skops"
"""The model in a version's artifacts: a scikit-learn pipeline in skops' format, not a pickle."""

TRUSTED_TYPES: Final = (
    "numpy.dtype",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.model_selection._split.KFold",
    "sklearn.model_selection._split.StratifiedKFold",
    "sklearn.tree._tree.Tree",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.utils._bunch.Bunch",
)
"""Types that skops does not trust by itself: wrappers of arrays and of other estimators, the dtype
that an imputer was fitted on, and the folds of a target encoder. The loader accepts no others.
MLflow's own loader reads this list, and whether the file is a pickle, from the artifact itself.
"""

DIGEST_TAG: Final = "model.sha256"
"""Tag of a version: SHA-256 of its `MODEL_FILE` at registration, hexadecimal."""

THRESHOLD_TAG: Final = "model.threshold"
"""Tag of a version: its decision threshold, a probability. Without it, the threshold is 0.5."""

INTERVAL_TAG: Final = "model.interval"
"""Tag of a version of a numeric target: its prediction interval, JSON of
`contract.schema.task.Interval`. Without it, predictions have no interval."""

RULE_TAGS: Final = (THRESHOLD_TAG, INTERVAL_TAG)

EXAMPLE_FILE: Final = "example.json"
"""Artifact beside `MODEL_FILE`: an `Example`."""

DENIED_STATUS: Final = frozenset({401, 403})
"""HTTP status codes."""

DENIED_CODES: Final = frozenset({"UNAUTHENTICATED", "CUSTOMER_UNAUTHORIZED", "PERMISSION_DENIED"})
"""MLflow's error codes."""


def check_registry_exists(settings: Settings) -> None:
    """Raises `ModelUnavailable` if there is no registry. MLflow would create an empty one."""
    if settings.registry_is_missing:
        raise ModelUnavailable(
            f"there is no registry at {settings.registry_uri}: start this in the folder where "
            "`intent train` ran, or set INTENT_DATA_DIR or INTENT_MLFLOW_URI; if no model was "
            "trained yet, run `intent train`"
        )


def is_access_denied(failure: Any) -> bool:
    """Whether an exception of MLflow, requests or urllib means that the login was rejected."""
    response = getattr(failure, "response", None)
    return (
        getattr(failure, "error_code", None) in DENIED_CODES
        or getattr(response, "status_code", None) in DENIED_STATUS
        or getattr(failure, "code", None) in DENIED_STATUS
    )


def registry_denied(settings: Settings, message: str) -> RegistryDenied:
    """The error to raise then; `message` is the registry's."""
    return RegistryDenied(
        f"the registry {settings.registry_uri} denied access ({message}): check "
        "INTENT_MLFLOW_USERNAME and INTENT_MLFLOW_PASSWORD, or INTENT_MLFLOW_TOKEN"
    )


class Example(Struct, frozen=True, rename={"outputs": "probabilities"}):
    """Records, and the model's outputs for them at registration.

    A worker scores the same records after loading the model, and compares. In the file, the outputs
    are `probabilities`, numbers of a numeric target too.
    """

    inputs: list[Any]
    outputs: list[Any]

    @classmethod
    def decode(cls, text: bytes, schema: Schema) -> "Example":
        """Decodes a file. Raises `msgspec.DecodeError` if it does not match the schema."""
        example = msgspec.json.decode(text, type=cls)
        output: Any = schema.task.output_type()
        return cls(
            msgspec.convert(example.inputs, list[schema.events.record]),  # type: ignore[name-defined]
            msgspec.convert(example.outputs, list[output]),
        )
