"""What the process `compile` tells the worker that asked it, as one line of JSON."""

import msgspec

from contract.model.version import ModelRejectionReason


class Answer(msgspec.Struct, frozen=True, tag=True):
    """A version is checked; its files' folder, and its form's file, None without one."""

    version: str
    sha256: str
    folder: str
    form: str | None


class Refusal(msgspec.Struct, frozen=True, tag=True):
    """A version is refused."""

    reason: ModelRejectionReason
    words: str
