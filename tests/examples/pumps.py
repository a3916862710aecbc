"""The second example, a schema of several classes with missing values."""

from typing import Final

from tests.docs.blocks import ROOT

PUMPS: Final = ROOT / "examples" / "pumps" / "schema.toml"
