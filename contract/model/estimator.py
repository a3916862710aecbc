"""A version's files -> its scikit-learn pipeline, after every check. Imports scikit-learn."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from contract.events import CustomerRecord
from contract.model.checks import check_digest, check_example, logged_example
from contract.model.skops_file import load_estimator
from contract.model.version import Version
from contract.registry import MODEL_FILE
from contract.schema import Schema
from contract.schema.classes import Floats


def checked_estimator(version: Version, folder: Path, schema: Schema) -> Any:
    """The pipeline in a version's folder, if a scorer may serve it. Raises `Refused`.

    The checks, in order: the file's digest, its types, its columns and classes, its example.
    """
    check_digest(version, folder)
    estimator = load_estimator(version.number, folder / MODEL_FILE, schema)

    def score(records: Sequence[CustomerRecord]) -> Floats:
        found = estimator.predict_proba(schema.encoder.to_frame(records))
        return schema.classes.arrange(found, estimator.classes_)

    check_example(version, logged_example(version, folder, schema), score)
    return estimator
