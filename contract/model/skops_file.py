"""A model file -> the scikit-learn pipeline in it. Loads our own list of types and no others."""

from pathlib import Path
from typing import Any

import numpy as np

from contract.errors import first_line
from contract.model.refused import Reason, Refused
from contract.model.trusted import skops_io, trusted_types
from contract.schema import Schema


def load_estimator(version: str, file: Path, schema: Schema) -> Any:
    """The fitted pipeline in a version's file.

    Raises `Refused` if it does not load, or is none that takes our features and tells our classes.
    What it takes is asked of the pipeline itself, which the digest covers, and not of the text
    beside it.
    """
    skops = skops_io()
    try:
        trusted = trusted_types(skops.get_untrusted_types(file=file))
        estimator = skops.load(file, trusted=trusted)
    except Exception as failure:  # whatever a damaged or foreign model raises
        words = f"version {version} does not load: {first_line(failure)}"
        raise Refused(Reason.LOAD, words) from failure
    _check_signature(version, estimator, schema)
    return estimator


def _check_signature(version: str, estimator: Any, schema: Schema) -> None:
    takes = sorted(getattr(estimator, "feature_names_in_", ()))
    if takes != sorted(schema.features):
        raise Refused(
            Reason.SIGNATURE,
            f"version {version} takes {', '.join(takes) or 'columns without names'}, "
            f"and the contract gives {', '.join(sorted(schema.features))}",
        )
    tells = getattr(estimator, "classes_", np.empty(0)).tolist()
    if sorted(tells) != sorted(schema.classes.values) or not hasattr(estimator, "predict_proba"):
        raise Refused(
            Reason.SIGNATURE,
            f"version {version} tells {tells or 'no classes'}, and not "
            f"{' or '.join(map(str, schema.classes.values))}",
        )
