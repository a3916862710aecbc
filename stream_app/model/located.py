"""What is known of the champion once it is on this machine."""

from dataclasses import dataclass
from pathlib import Path

import msgspec


@dataclass(frozen=True)
class Located:
    """A version of the registered model and its file, in skops' format."""

    version: str
    file: Path


class Answer(msgspec.Struct, frozen=True):
    """What the module `compile` tells: version, file, and its form's file, None without one."""

    version: str
    model: str
    form: str | None
