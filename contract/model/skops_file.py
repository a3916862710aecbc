"""A model file -> the scikit-learn pipeline in it. Loads our own list of types and no others."""

from pathlib import Path
from typing import Any

import numpy as np

from contract.classes import CLASSES
from contract.errors import first_line
from contract.features import FEATURES
from contract.model.refused import Reason, Refused
from contract.model.trusted import skops_io, trusted_types


def load_estimator(version: str, file: Path) -> Any:
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
    _check_signature(version, estimator)
    return estimator


def _check_signature(version: str, estimator: Any) -> None:
    takes = sorted(getattr(estimator, "feature_names_in_", ()))
    if takes != sorted(FEATURES):
        raise Refused(
            Reason.SIGNATURE,
            f"version {version} takes {', '.join(takes) or 'columns without names'}, "
            f"and the contract gives {', '.join(sorted(FEATURES))}",
        )
    tells = getattr(estimator, "classes_", np.empty(0)).tolist()
    if sorted(tells) != sorted(CLASSES) or not hasattr(estimator, "predict_proba"):
        raise Refused(
            Reason.SIGNATURE,
            f"version {version} tells {tells or 'no classes'}, and not "
            f"{' or '.join(map(str, CLASSES))}",
        )
