"""The registry's aliases -> the versions that should score, each in its part. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from contract.registry import CHALLENGER, CHAMPION, PREVIOUS


class Role(StrEnum):
    """What a version does with a record."""

    CHAMPION = "champion"
    SHADOW = "shadow"


class Part(NamedTuple):
    """A version in its role."""

    role: Role
    number: str


def wanted(aliases: Mapping[str, str], *, shadow_enabled: bool) -> dict[Role, Part]:
    """The champion; in its shadow the challenger, or without one the champion before."""
    champion = aliases.get(CHAMPION)
    candidates = (aliases.get(CHALLENGER), aliases.get(PREVIOUS)) if shadow_enabled else ()
    shadow = next((each for each in candidates if each and each != champion), None)
    numbers = {Role.CHAMPION: champion, Role.SHADOW: shadow}
    return {role: Part(role, number) for role, number in numbers.items() if number}
