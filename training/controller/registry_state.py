"""Reads aliases and decisions from the registry into plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from contract.registry import CHALLENGER_ALIAS, CHAMPION_ALIAS, PREVIOUS_CHAMPION_ALIAS
from contract.settings import Settings
from training.promotion import DECIDED_AT, PREVIOUS_CHAMPION, REASON_OF
from training.registry_client import NOT_FOUND_CODES, registry_client
from training.trigger import FLOW_RUN_TAG, REQUESTS_TAG

MAX_VERSIONS: Final = 50
"""Latest versions that are read."""


@dataclass(frozen=True)
class VersionState:
    """A version of the model; times in ms since the epoch.

    Attributes:
        version: in the registry.
        created: when it was registered.
        previous_champion: the champion that it was compared with; empty if there was none.
        flow_run_id: the Prefect flow run that trained it; None if unknown.
        request_ids: the requests that triggered its training.
        decided_at: by decision, when it was last taken.
        reasons: by decision, its last reason.
    """

    version: str
    created: int
    previous_champion: str
    flow_run_id: str | None
    request_ids: tuple[str, ...]
    decided_at: Mapping[str, int]
    reasons: Mapping[str, str]


@dataclass(frozen=True)
class RegistryState:
    """The versions that have the aliases, and the latest versions by name."""

    champion: str | None = None
    challenger: str | None = None
    previous: str | None = None
    versions: Mapping[str, VersionState] = field(default_factory=dict)


def read_registry_state(settings: Settings) -> RegistryState:
    """Reads the current state; empty if there is no model yet. Raises `ModelUnavailable`."""
    with registry_client(settings) as client:
        try:
            aliases = client.get_registered_model(settings.model_name).aliases
        except MlflowException as failure:
            if failure.error_code in NOT_FOUND_CODES:
                return RegistryState()
            raise
        versions = client.search_model_versions(
            f"name = '{settings.model_name}'",
            max_results=MAX_VERSIONS,
            order_by=["version_number DESC"],
        )
        return RegistryState(
            champion=_text(aliases.get(CHAMPION_ALIAS)),
            challenger=_text(aliases.get(CHALLENGER_ALIAS)),
            previous=_text(aliases.get(PREVIOUS_CHAMPION_ALIAS)),
            versions={str(version.version): _version_state(version) for version in versions},
        )


def _text(version: object) -> str | None:
    return None if version is None else str(version)


def _version_state(version: ModelVersion) -> VersionState:
    tags: Mapping[str, str] = version.tags
    return VersionState(
        version=str(version.version),
        created=int(version.creation_timestamp),
        previous_champion=tags.get(PREVIOUS_CHAMPION, ""),
        flow_run_id=tags.get(FLOW_RUN_TAG),
        request_ids=tuple(filter(None, tags.get(REQUESTS_TAG, "").split("\n"))),
        decided_at={name: int(time) for name, time in _with_prefix(tags, DECIDED_AT).items()},
        reasons=_with_prefix(tags, REASON_OF),
    )


def _with_prefix(tags: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): value for name, value in tags.items() if name.startswith(prefix)
    }
