"""The manifest of an adopted version: its file, and how columns become the model's features.

A version with a manifest holds a model in a format other than skops. The registry's digest is that
of the manifest, which has the digest of the model file.
"""

from typing import Any, Final, Literal

from msgspec import Struct

MANIFEST_FILE: Final = "manifest.json"
"""Artifact of a version: a `Manifest`."""

InputKind = Literal["number", "codes", "one_hot", "text"]


class ModelInput(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A feature of a model, and the column of the schema that it comes from.

    Attributes:
        feature: Its name in the model.
        column: Name of the column.
        kind: The column's number; the code of its category; 1 or 0 for one category; or its text.
        categories: With `codes`, the category of each code; with `one_hot`, the category of a 1.
    """

    feature: str
    column: str
    kind: InputKind = "number"
    categories: tuple[str, ...] = ()


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """What a loader needs beside the model file.

    Attributes:
        format: Name of the format, see `contract.model.formats`.
        file: Name of the model file, in the same folder.
        sha256: Digest of the model file, hexadecimal.
        library: Version of the library that loaded it at registration.
        inputs: The model's features in its order.
        classes: The target's classes in the order of the model's outputs.
    """

    format: str
    file: str
    sha256: str
    library: str
    inputs: tuple[ModelInput, ...]
    classes: tuple[Any, ...]
