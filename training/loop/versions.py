"""The registry's versions -> the steps of their lives. Pure."""

from typing import Final

from contract.events import LifecycleEvent, LifecycleKind
from training import succession
from training.loop.standing import Standing, Version

KINDS: Final[dict[str, LifecycleKind]] = {
    succession.REJECTED: "version_rejected",
    succession.CHALLENGES: "challenger_set",
    succession.PROMOTED: "promoted",
    succession.CONFIRMED: "confirmed",
    succession.ROLLED_BACK: "rolled_back",
}


def steps(model: str, standing: Standing) -> list[LifecycleEvent]:
    """All that is known, the oldest first."""
    found = [step for version in standing.versions.values() for step in _of(model, version)]
    return sorted(found, key=lambda step: step.occurred_at)


def _of(model: str, version: Version) -> list[LifecycleEvent]:
    registered = LifecycleEvent(
        f"version_registered/{version.name}",
        "version_registered",
        version.created,
        model,
        "registered",
        model_version=version.name,
        flow_run_id=version.run,
        request_ids=list(version.requests),
    )
    return [registered, *(_step(model, version, name) for name in version.at if name in KINDS)]


def _step(model: str, version: Version, decision: str) -> LifecycleEvent:
    kind, at = KINDS[decision], version.at[decision]
    if kind == "version_rejected" and version.at.get(succession.CHALLENGES, at) < at:
        kind = "challenger_rejected"
    return LifecycleEvent(
        f"{kind}/{version.name}/{at}",
        kind,
        at,
        model,
        version.why.get(decision, ""),
        model_version=version.name,
        flow_run_id=version.run,
        request_ids=list(version.requests),
    )
