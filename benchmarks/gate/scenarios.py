"""What happened to the stream before a training: drift, and label noise."""

from dataclasses import dataclass
from typing import Final

from data.population import DATA_SET, Population


@dataclass(frozen=True)
class Scenario:
    """A history of the stream.

    Attributes:
        population: of the stream's customers after the drift.
        drifted_share: share of the rows that are from after the drift.
        flipped: share of flipped labels after the drift.
        flipped_group: category of the first feature whose labels are flipped; empty is all.
        rows: labelled customers of the stream.
        rows_before: older rows of the stream that the champion was trained on.
    """

    population: Population = DATA_SET
    drifted_share: float = 1.0
    flipped: float = 0.0
    flipped_group: str = ""
    rows: int = 8_000
    rows_before: int = 0


def _concept(shift: float) -> Population:
    return Population(concept_shift=shift)


SCENARIOS: Final = {
    "nothing": Scenario(),
    "nothing, since a retraining": Scenario(rows_before=8_000),
    "nothing, 1,000 rows": Scenario(rows=1_000),
    "other customers: age +8, salary +20 %": Scenario(Population(0.5, 8, 1.2)),
    "target: concept shift 0.25": Scenario(_concept(0.25)),
    "target: concept shift 0.5": Scenario(_concept(0.5)),
    "target: concept shift 1": Scenario(_concept(1)),
    "target: concept shift 2": Scenario(_concept(2)),
    "target: concept shift 2, 1,000 rows": Scenario(_concept(2), rows=1_000),
    "target: concept shift 2, the last fifth of the rows": Scenario(_concept(2), drifted_share=0.2),
    "target: concept shift 4": Scenario(_concept(4)),
    "both: age +8, salary +20 %, concept shift 2": Scenario(Population(0.5, 8, 1.2, 2)),
    "labels: 5 % flipped": Scenario(flipped=0.05),
    "labels: 10 % flipped": Scenario(flipped=0.1),
    "labels: 20 % flipped": Scenario(flipped=0.2),
    "labels: 30 % flipped": Scenario(flipped=0.3),
    "labels: 50 % flipped": Scenario(flipped=0.5),
    "labels: all flipped": Scenario(flipped=1.0),
    "labels: those of men flipped": Scenario(flipped=1.0, flipped_group="Male"),
}
