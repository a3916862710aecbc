"""The interface of a model registry, and its errors."""

from typing import Protocol

from contract.model.version import ModelVersion


class RegistryUnavailable(Exception):
    """The registry does not answer, or has no such entry. A later attempt may succeed."""


class RegistryAccessDenied(RegistryUnavailable):
    """The registry rejects the login. It will until the login or the permissions change."""


class ModelRegistry(Protocol):
    """The registered model that the settings name."""

    def aliases(self) -> dict[str, str]:
        """Version numbers by alias. Raises `RegistryUnavailable`."""

    def version(self, number: str) -> ModelVersion:
        """The entry of a version. Raises `RegistryUnavailable` or `ModelRejected`."""
