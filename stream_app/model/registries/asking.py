"""What a worker asks of a registry, whichever kind it is."""

from typing import Protocol

from contract.model.version import ModelVersion


class Unanswered(Exception):
    """The registry does not answer, or not with what was asked. It may the next time."""


class Denied(Unanswered):
    """It does not let us in, and will not unless somebody changes the login or the rights."""


class Registry(Protocol):
    """The one registered model of the settings."""

    def aliases(self) -> dict[str, str]:
        """The version's number by its alias. Raises `Unanswered`."""

    def version(self, number: str) -> ModelVersion:
        """What is known of a version. Raises `Unanswered`."""
