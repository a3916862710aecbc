"""The public interface as JSON Schemas."""

import json
from pathlib import Path

from contract.schemas import schemas

DOCS = Path(__file__).parents[2] / "docs" / "schemas"


def test_schemas_in_the_docs_are_current() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in DOCS.iterdir()}
    assert written == schemas(), "run `make schemas`"


def test_minimal_record_needs_three_fields_alone() -> None:
    schema = json.loads(schemas()["customers.json"])
    customer = schema["$defs"]["CustomerRecord"]
    assert customer["required"] == ["Gender", "Age", "AnnualSalary"]
    assert customer["properties"]["Gender"]["enum"] == ["Female", "Male"]
