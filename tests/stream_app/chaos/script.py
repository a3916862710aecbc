"""What is done to the workers and to the broker, and when: drawn from a seed. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from random import Random


class Blow(Enum):
    """What happens."""

    KILL = auto()
    """A worker is killed; one of the same name is started."""
    REPLACE = auto()
    """A worker is killed; one of another name is started."""
    JOIN = auto()
    """One more worker is started."""
    LEAVE = auto()
    """A worker gets SIGTERM."""
    BREAK = auto()
    """The broker is killed and started again."""


@dataclass(frozen=True)
class Act:
    """One blow, `after` seconds from the moment at which its worker is ready for it."""

    blow: Blow
    after: float


def script(seed: int, kills: int, joins: int, breaks: int) -> Iterator[Act]:
    """So many killed workers, joined and left ones, and broken brokers, in random order."""
    random = Random(seed)
    blows = [Blow.JOIN, Blow.LEAVE] * joins + [Blow.BREAK] * breaks
    blows += [random.choice((Blow.KILL, Blow.REPLACE)) for _ in range(kills)]
    random.shuffle(blows)
    for blow in blows:
        yield Act(blow, random.uniform(0, 2))
