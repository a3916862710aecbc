"""A version's files -> its scikit-learn pipeline, after every check. Imports scikit-learn."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from contract.classes import of_classifier
from contract.events import CustomerRecord
from contract.features import Floats, frame
from contract.model.checks import check_digest, check_example, logged_example
from contract.model.skops_file import load_estimator
from contract.model.version import Version
from contract.registry import MODEL_FILE


def checked_estimator(version: Version, folder: Path) -> Any:
    """The pipeline in a version's folder, if a scorer may serve it. Raises `Refused`.

    The checks, in order: the file's digest, its types, its columns and classes, its example.
    """
    check_digest(version, folder)
    estimator = load_estimator(version.number, folder / MODEL_FILE)

    def score(records: Sequence[CustomerRecord]) -> Floats:
        return of_classifier(estimator.predict_proba(frame(records)), estimator.classes_)

    check_example(version, logged_example(version, folder), score)
    return estimator
