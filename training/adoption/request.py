"""What `intent register` is asked to register. Plain data."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct

Alias = Literal["challenger", "champion"]


class MappingOptions(Struct, frozen=True):
    """What a model file may leave open.

    Attributes:
        features: Names of the features in the model's order.
        codes: By feature, the category of each code.
        classes: Texts of the classes in the order of the model's outputs.
    """

    features: tuple[str, ...] = ()
    codes: Mapping[str, tuple[str, ...]] = {}
    classes: tuple[str, ...] = ()


class Adoption(Struct, frozen=True):
    """A model to register.

    Attributes:
        model: A file, a folder of MLflow's, `runs:/RUN/NAME` or `models:/NAME/VERSION`.
        rows: CSV or Parquet file of rows that the model was not fitted on.
        user: Who registers it.
        alias: The role that the version is to have; None for none.
        reason: Why, for the records.
        options: What the model file leaves open.
    """

    model: str
    rows: Path
    user: str
    alias: Alias | None = None
    reason: str = ""
    options: MappingOptions = MappingOptions()
