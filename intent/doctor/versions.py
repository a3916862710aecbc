"""Are Python and the libraries those that the project was made for?"""

import platform
import re
from collections.abc import Iterator
from importlib import metadata
from typing import Final

from packaging.requirements import Requirement

from intent.doctor.finding import Finding, fault, note, ok

DISTRIBUTION: Final = "intent-stream"


def versions() -> Iterator[Finding]:
    """One finding for Python, one for each extra and what all need."""
    yield _python(platform.python_version())
    requirements = [Requirement(line) for line in metadata.requires(DISTRIBUTION) or []]
    yield libraries("", requirements)
    for extra in metadata.metadata(DISTRIBUTION).get_all("Provides-Extra") or []:
        yield libraries(extra, requirements)


def _python(version: str) -> Finding:
    wanted = metadata.metadata(DISTRIBUTION)["Requires-Python"]
    if Requirement(f"python{wanted}").specifier.contains(version):
        return ok("Python", version)
    return fault("Python", f"{version}, not {wanted}", "make a virtual environment with another")


def libraries(extra: str, requirements: list[Requirement]) -> Finding:
    """Those that an extra adds, or, without its name, those that everything needs."""
    subject = f"libraries for {extra}" if extra else "libraries for all"
    wanted = [each for each in requirements if _is_for(extra, each)]
    found = {each: _installed(each.name) for each in wanted}
    missing = [each.name for each, version in found.items() if version is None]
    wrong = [
        f"{each.name} {version} is not {each.specifier}"
        for each, version in found.items()
        if version and not each.specifier.contains(version, prereleases=True)
    ]
    what = f"{DISTRIBUTION}[{extra}]" if extra else DISTRIBUTION
    remedy = f"`make setup`, or `pip install '{what}'`"
    if wrong:
        return fault(subject, "; ".join(wrong), remedy)
    if missing and extra:  # a machine need not run every stage
        return note(subject, f"not installed: {', '.join(missing)} ({remedy})")
    if missing:
        return fault(subject, f"missing: {', '.join(missing)}", remedy)
    return ok(subject, ", ".join(f"{each.name} {version}" for each, version in found.items()))


def _is_for(extra: str, requirement: Requirement) -> bool:
    marker = requirement.marker
    named = re.search(r"extra\s*==", str(marker or ""))
    return bool(named) == bool(extra) and (marker is None or marker.evaluate({"extra": extra}))


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
