"""The classes of this process's schema, for what is not yet given one."""

from contract.schema.classes import Codes, Floats
from contract.schema.default import SCHEMA

__all__ = ["Codes", "Floats"]

THRESHOLD = 0.5
CLASSES = SCHEMA.classes.values
CODES = SCHEMA.classes.code_of
SEVERAL = SCHEMA.classes.multiclass
TEXTS = SCHEMA.classes.textual
predicted = SCHEMA.classes.predict
told = SCHEMA.classes.reported_probability
values = SCHEMA.classes.decode
codes = SCHEMA.classes.encode
of_classifier = SCHEMA.classes.arrange
