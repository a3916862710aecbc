"""The schema of the records: columns, target, and everything that follows from them."""

from contract.schema.cars import CARS
from contract.schema.columns import Column, Target
from contract.schema.schema import Schema

__all__ = ["CARS", "Column", "Schema", "Target"]
