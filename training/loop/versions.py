"""The registry's versions -> the steps of their lives. Pure."""

from typing import Final

from contract.events import Lifecycle, LifecycleKind
from training import succession
from training.loop.standing import Standing, Version

KINDS: Final[dict[str, LifecycleKind]] = {
    succession.KEPT: "kept",
    succession.CHALLENGES: "challenger",
    succession.PROMOTED: "promoted",
    succession.CONFIRMED: "confirmed",
    succession.ROLLED_BACK: "rolled_back",
}


def steps(model: str, standing: Standing) -> list[Lifecycle]:
    """All that is known, the oldest first."""
    found = [step for version in standing.versions.values() for step in _of(model, version)]
    return sorted(found, key=lambda step: step.at)


def _of(model: str, version: Version) -> list[Lifecycle]:
    trained = Lifecycle(
        f"trained/{version.name}",
        "trained",
        version.created,
        model,
        "registered",
        model_version=version.name,
        run=version.run,
        requests=list(version.requests),
    )
    return [trained, *(_step(model, version, name) for name in version.at if name in KINDS)]


def _step(model: str, version: Version, decision: str) -> Lifecycle:
    kind, at = KINDS[decision], version.at[decision]
    if kind == "kept" and version.at.get(succession.CHALLENGES, at) < at:
        kind = "refused"
    return Lifecycle(
        f"{kind}/{version.name}/{at}",
        kind,
        at,
        model,
        version.why.get(decision, ""),
        model_version=version.name,
        run=version.run,
        requests=list(version.requests),
    )
