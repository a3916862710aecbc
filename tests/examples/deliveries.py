"""The third example, a numeric target."""

from typing import Final

from contract.schema import Schema
from tests.docs.blocks import ROOT

DELIVERIES: Final = ROOT / "examples" / "deliveries" / "schema.toml"
SCHEMA: Final = Schema.load(DELIVERIES)
