"""The events of one window of event time, joined on the id when it closes. Pure: no clock."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from contract.events import CustomerRecord, Prediction
from monitoring.windows.batch import Hashes, Integers, Place
from monitoring.windows.hash_sample import ALL, IdColumn, Sample
from monitoring.windows.labelled_window import Labels
from monitoring.windows.paired_predictions import Voices, paired, predicted


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a window's memory.

    Attributes:
        sample: rows that are kept with their values.
        open_ids: ids of customers, predictions and shadow predictions that an open window keeps, 9
            bytes each.
        closed_ids: predictions that a closed window keeps for outcomes to come, 12 bytes each.
    """

    sample: int
    open_ids: int
    closed_ids: int


@dataclass(frozen=True, slots=True)
class Row:
    """A sampled customer, and what was predicted of them if anything was."""

    id: int
    customer: CustomerRecord
    prediction: Prediction | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Distinct ids of a window: exact, or estimated from a share of them.

    Estimates contradict neither each other nor what was counted: `joined` is at most `rows` and at
    most `predictions`, and no count is negative.

    Attributes:
        rows: customers.
        predictions: predictions.
        joined: customers who have a prediction.
        duplicate_customers: records that were not the first of their id.
        duplicate_predictions: likewise.
        kept_share: of the ids, by which the others were counted; 1 means exact.
    """

    rows: int
    predictions: int
    joined: int
    duplicate_customers: int
    duplicate_predictions: int
    kept_share: float


@dataclass(frozen=True, slots=True)
class ClosedWindow:
    """What a window came to.

    Attributes:
        invalid: records that do not fit the contract, by reason and message timestamp.
        first: the smallest offset of each partition that the window holds.
        sample: some of its customers, uniformly chosen; all of them if they are few.
    """

    start: int
    end: int
    counts: Counts
    invalid: dict[str, int]
    first: dict[Place, int]
    sample: Sequence[Row]
    labels: Labels


class OpenWindow:
    """Takes the events of `start <= event time < end`, in ms; the end moves as it is extended."""

    def __init__(self, start: int, end: int, limits: Limits) -> None:
        self.start: Final = start
        self.end = end
        self.first: Final[dict[Place, int]] = {}
        self._invalid: Counter[str] = Counter()
        self._limits = limits
        self._id_limit = ALL
        self._records = {"customers": 0, "predictions": 0}
        self._customers = IdColumn()
        self._predictions = IdColumn()
        self._shadows = IdColumn()
        self._voices = Voices()
        self._sampled_customers: Sample[CustomerRecord] = Sample(limits.sample)
        self._sampled_predictions: Sample[Prediction] = Sample(limits.sample)

    def holds(self, place: Place, offset: int) -> None:
        """Something of that place is here, no earlier than the offset."""
        self.first[place] = min(offset, self.first.get(place, offset))

    def customers(self, ids: Hashes, events: Sequence[CustomerRecord], chosen: Integers) -> None:
        """Takes `events[chosen]`, whose hashes are `ids`, shape (n,)."""
        self._records["customers"] += len(ids)
        self._sampled_customers.offer(ids, events, chosen)
        self._keep(self._customers, ids, np.zeros(len(ids), np.uint8))

    def predictions(self, ids: Hashes, events: Sequence[Prediction], chosen: Integers) -> None:
        """Takes `events[chosen]`, whose hashes are `ids`, shape (n,)."""
        self._records["predictions"] += len(ids)
        self._sampled_predictions.offer(ids, events, chosen)
        self._keep(self._predictions, ids, self._voices.encode(events, chosen))

    def shadows(self, ids: Hashes, events: Sequence[Prediction], chosen: Integers) -> None:
        """Takes what a model in the champion's shadow predicted, likewise."""
        self._keep(self._shadows, ids, self._voices.encode(events, chosen))

    def invalid(self, reason: str) -> None:
        """Takes a customer record that does not fit the contract."""
        self._invalid[reason] += 1

    def __len__(self) -> int:
        """Distinct customers; not counted beyond the size of the sample."""
        return len(self._sampled_customers)

    def absorb(self, later: "OpenWindow") -> None:
        """Extends this window over a later one, and takes all that is there."""
        self.end = later.end
        for place, offset in later.first.items():
            self.holds(place, offset)
        self._invalid += later._invalid
        for topic, records in later._records.items():
            self._records[topic] += records
        self._sampled_customers.absorb(later._sampled_customers)
        self._sampled_predictions.absorb(later._sampled_predictions)
        translation = self._voices.translation(later._voices)
        self._customers.absorb(later._customers)
        self._predictions.absorb(later._predictions, translation)
        self._shadows.absorb(later._shadows, translation)
        self._id_limit = min(self._id_limit, later._id_limit)
        for each in self._columns:
            each.thin(self._id_limit)
        self._thin()

    def close(self) -> ClosedWindow:
        """Joins what is here."""
        customers, _ = self._customers.distinct()
        ids, said = self._predictions.distinct()
        counts = self._counts(customers, ids)
        kept = ids <= _smallest(ids, self._limits.closed_ids)
        predictions = self._sampled_predictions.smallest()
        sample = [
            Row(name, customer, predictions.get(name))
            for name, customer in self._sampled_customers.smallest().items()
        ]
        labels = Labels(self.start, self.end, ids[kept], predicted(said[kept]))
        labels.paired = paired(self._voices, ids[kept], said[kept], *self._shadows.distinct())
        return ClosedWindow(
            self.start, self.end, counts, dict(self._invalid), self.first, sample, labels
        )

    def _keep(self, column: IdColumn, ids: Hashes, bits: np.ndarray) -> None:
        kept = ids <= self._id_limit
        column.add(ids[kept], bits[kept])
        self._thin()

    def _thin(self) -> None:
        while sum(map(len, self._columns)) > self._limits.open_ids:
            self._id_limit >>= np.uint64(1)
            for each in self._columns:
                each.thin(self._id_limit)

    @property
    def _columns(self) -> tuple[IdColumn, ...]:
        return self._customers, self._predictions, self._shadows

    def _counts(self, customers: Hashes, predictions: Hashes) -> Counts:
        share = (int(self._id_limit) + 1) / (int(ALL) + 1)
        twice = round((len(self._customers) - len(customers)) / share)
        twice = min(twice, self._records["customers"] - len(customers))
        predicted_twice = round((len(self._predictions) - len(predictions)) / share)
        predicted_twice = min(predicted_twice, self._records["predictions"] - len(predictions))
        rows = self._records["customers"] - twice
        predicted = self._records["predictions"] - predicted_twice
        joined = len(np.intersect1d(customers, predictions, assume_unique=True))
        return Counts(
            rows=rows,
            predictions=predicted,
            joined=min(round(joined / share), rows, predicted),
            duplicate_customers=twice,
            duplicate_predictions=predicted_twice,
            kept_share=share,
        )


def _smallest(ids: Hashes, count: int) -> np.uint64:
    """The limit under which `count` of the ascending ids lie; all of them if they are fewer."""
    return ALL if len(ids) <= count else np.uint64(ids[count - 1])
