"""The public interface as JSON Schemas."""

import json

from contract.schema import CARS
from contract.schemas import schemas


def test_minimal_record_needs_three_fields_alone() -> None:
    schema = json.loads(schemas(CARS)["customers.json"])
    customer = schema["$defs"]["CustomerRecord"]
    assert customer["required"] == ["Gender", "Age", "AnnualSalary"]
    assert customer["properties"]["Gender"]["enum"] == ["Female", "Male"]
