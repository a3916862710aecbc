"""Who scores and what was decided: the registry -> plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from contract.registry import CHALLENGER, CHAMPION, PREVIOUS
from contract.settings import Settings
from training.cause import REQUESTS, RUN
from training.champion import MISSING, answering
from training.succession import AT, OVER, WHY

KNOWN: Final = 50
"""Latest versions that are looked at."""


@dataclass(frozen=True)
class Version:
    """A version of the model; times in ms.

    Attributes:
        at: when each decision on it was last taken, by the decision's name.
        why: the reason of each.
        over: the champion that it was compared with.
        run: Prefect's, that made it; None where that is not known.
        requests: the names of what asked for that.
    """

    name: str
    created: int
    over: str
    run: str | None
    requests: tuple[str, ...]
    at: Mapping[str, int]
    why: Mapping[str, str]


@dataclass(frozen=True)
class Standing:
    """The versions by name, and who has which alias."""

    champion: str | None = None
    challenger: str | None = None
    previous: str | None = None
    versions: Mapping[str, Version] = field(default_factory=dict)


def standing(settings: Settings) -> Standing:
    """As it is now; empty where there is no model yet. Raises `ModelUnavailable`."""
    with answering(settings) as client:
        try:
            aliases = client.get_registered_model(settings.model_name).aliases
        except MlflowException as failure:
            if failure.error_code in MISSING:
                return Standing()
            raise
        found = client.search_model_versions(
            f"name = '{settings.model_name}'",
            max_results=KNOWN,
            order_by=["version_number DESC"],
        )
        return Standing(
            champion=_name(aliases.get(CHAMPION)),
            challenger=_name(aliases.get(CHALLENGER)),
            previous=_name(aliases.get(PREVIOUS)),
            versions={str(each.version): _version(each) for each in found},
        )


def _name(version: object) -> str | None:
    return None if version is None else str(version)


def _version(version: ModelVersion) -> Version:
    tags: Mapping[str, str] = version.tags
    return Version(
        name=str(version.version),
        created=int(version.creation_timestamp),
        over=tags.get(OVER, ""),
        run=tags.get(RUN),
        requests=tuple(filter(None, tags.get(REQUESTS, "").split("\n"))),
        at={name.removeprefix(AT): int(at) for name, at in tags.items() if name.startswith(AT)},
        why={name.removeprefix(WHY): why for name, why in tags.items() if name.startswith(WHY)},
    )
