"""The features of this process's schema, for what is not yet given one."""

from typing import Any

from contract.schema.classes import Floats
from contract.schema.default import SCHEMA
from contract.schema.features import FeatureArrays as Columns

__all__ = ["Columns", "Floats"]

FEATURES = SCHEMA.features
CATEGORICAL = SCHEMA.categorical
NUMERICAL = SCHEMA.numerical
OPTIONAL = SCHEMA.nullable
TARGET = SCHEMA.target.name
columns = SCHEMA.encoder.to_arrays
frame = SCHEMA.encoder.to_frame
frame_of = SCHEMA.encoder.arrays_to_frame
records = SCHEMA.encoder.to_records


def csv_types() -> dict[str, Any]:
    return SCHEMA.csv_types
