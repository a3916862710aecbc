"""What happened to the stream before a training: who the customers are, and how true the labels."""

from dataclasses import dataclass
from typing import Final

from data.population import DATA_SET, Population


@dataclass(frozen=True)
class Scenario:
    """What happened.

    Attributes:
        population: the stream's customers since then.
        since: share of the recent rows that are of that time.
        flipped: share of the stream's labels, since then, that say the opposite.
        of: whose labels are flipped: a category of the first feature; empty is everybody's.
        rows: labelled customers of the stream.
        known: others of the stream, from before, that the champion was taught by.
    """

    population: Population = DATA_SET
    since: float = 1.0
    flipped: float = 0.0
    of: str = ""
    rows: int = 8_000
    known: int = 0


def _concept(reluctance: float) -> Population:
    return Population(reluctance=reluctance)


SCENARIOS: Final = {
    "nothing": Scenario(),
    "nothing, since a retraining": Scenario(known=8_000),
    "nothing, 1,000 rows": Scenario(rows=1_000),
    "other customers: age +8, salary +20 %": Scenario(Population(0.5, 8, 1.2)),
    "target: reluctance 0.25": Scenario(_concept(0.25)),
    "target: reluctance 0.5": Scenario(_concept(0.5)),
    "target: reluctance 1": Scenario(_concept(1)),
    "target: reluctance 2": Scenario(_concept(2)),
    "target: reluctance 2, 1,000 rows": Scenario(_concept(2), rows=1_000),
    "target: reluctance 2, the last fifth of the rows": Scenario(_concept(2), since=0.2),
    "target: reluctance 4": Scenario(_concept(4)),
    "both: age +8, salary +20 %, reluctance 2": Scenario(Population(0.5, 8, 1.2, 2)),
    "labels: 5 % flipped": Scenario(flipped=0.05),
    "labels: 10 % flipped": Scenario(flipped=0.1),
    "labels: 20 % flipped": Scenario(flipped=0.2),
    "labels: 30 % flipped": Scenario(flipped=0.3),
    "labels: 50 % flipped": Scenario(flipped=0.5),
    "labels: all flipped": Scenario(flipped=1.0),
    "labels: those of men flipped": Scenario(flipped=1.0, of="Male"),
}
