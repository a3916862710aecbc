"""A model file -> the scikit-learn pipeline in it. Loads our own list of types and no others."""

from typing import Any

import skops.io

from contract.errors import ModelUnavailable
from contract.registry import CHAMPION, TRUSTED_TYPES
from stream_app.model.located import Located


def load_estimator(found: Located) -> Any:
    """The fitted pipeline of a model version. Raises `ModelUnavailable` if it does not load."""
    try:
        return skops.io.load(found.file, trusted=list(TRUSTED_TYPES))
    except Exception as failure:  # whatever a damaged or foreign model raises
        said = next(iter(str(failure).splitlines()), type(failure).__name__)
        raise ModelUnavailable(
            f"version {found.version} does not load ({said}): "
            f"give another version the alias {CHAMPION}"
        ) from failure
