"""The names under which the stages find a model and its reference set in the MLflow registry."""

from typing import Any, Final

import msgspec
from msgspec import Struct

from contract.errors import ModelUnavailable
from contract.scalars import Probability
from contract.schema import Schema
from contract.settings import Settings

CHAMPION: Final = "champion"
"""Alias of the version that scores."""

CHALLENGER: Final = "challenger"
"""Alias of a version that may become champion: workers score with it too, in its shadow."""

PREVIOUS: Final = "previous"
"""Alias of the version that was champion before, while the new one is on probation: shadowed too,
if there is no challenger."""

REFERENCE: Final = "reference/reference.csv"
"""Artifact of a version's run: what drift is measured against.

The features of the schema, then the target, `prediction` and `probability`, the
last two predicted out of fold; of cars `Purchased` (0 or 1), the same, and that of a purchase.
"""

MODEL_FILE: Final = "model.skops"
"""The model in a version's artifacts: a scikit-learn pipeline, not a pickle."""

TRUSTED_TYPES: Final = (
    "numpy.dtype",
    "sklearn.tree._tree.Tree",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
)
"""What our models hold beyond the types that skops trusts by itself: arrays in a shell, and, where
values may be missing, which kind of number an imputer was fitted on. A loader
accepts no others; MLflow's own would take the list, and whether it is a pickle, from the artifact.
"""

DIGEST: Final = "model.sha256"
"""Tag of a version: the SHA-256 of its `MODEL_FILE` when it was registered, hexadecimal."""

EXAMPLE: Final = "example.json"
"""Artifact beside `MODEL_FILE`: an `Example`."""


def check_registry(settings: Settings) -> None:
    """Raises `ModelUnavailable` where there is no registry, which MLflow would create, empty."""
    if settings.registry_is_missing:
        raise ModelUnavailable(
            f"there is no registry at {settings.registry_uri}: start this in the folder where "
            "`intent train` ran, or set INTENT_DATA_DIR or INTENT_MLFLOW_URI; if none was trained "
            "yet, run `intent train`"
        )


class Example(Struct, frozen=True):
    """Records, and their probabilities when the model was registered.

    A worker compares them with those of the model that it has loaded, before it serves it.
    """

    inputs: list[Any]
    probabilities: list[Any]

    @classmethod
    def decode(cls, text: bytes, schema: Schema) -> "Example":
        """The example in a file. Raises `msgspec.DecodeError` if it is none of this schema."""
        example = msgspec.json.decode(text, type=cls)
        probability: Any = list[Probability] if schema.classes.multiclass else Probability
        return cls(
            msgspec.convert(example.inputs, list[schema.events.record]),  # type: ignore[name-defined]
            msgspec.convert(example.probabilities, list[probability]),
        )
