"""Faults of workers and broker with their times, drawn from a seed. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from random import Random


class Blow(Enum):
    """Kinds of faults."""

    KILL = auto()
    """A worker is killed and restarted with the same name."""
    REPLACE = auto()
    """A worker is killed and another one is started."""
    JOIN = auto()
    """Another worker is started."""
    LEAVE = auto()
    """A worker gets SIGTERM."""
    BREAK = auto()
    """The broker is killed and started again."""


@dataclass(frozen=True)
class Act:
    """A fault, `after` seconds from the moment at which its worker is ready."""

    blow: Blow
    after: float


def script(seed: int, kills: int, joins: int, breaks: int) -> Iterator[Act]:
    """A number of faults of each kind in random order."""
    random = Random(seed)
    blows = [Blow.JOIN, Blow.LEAVE] * joins + [Blow.BREAK] * breaks
    blows += [random.choice((Blow.KILL, Blow.REPLACE)) for _ in range(kills)]
    random.shuffle(blows)
    for blow in blows:
        yield Act(blow, random.uniform(0, 2))
