"""The records of one window of event time, joined on the id when it closes. Pure: no clock."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from msgspec import Struct

from contract.events import CustomerRecord, Prediction
from contract.schema.task import Task
from monitoring.windows.batch import Floats, Hashes, Integers, Labels, PackedCodes, TopicPartition
from monitoring.windows.hash_sample import MAX_HASH, HashSample, IdColumn
from monitoring.windows.labelled_window import LabelledWindow
from monitoring.windows.paired_predictions import PairedPredictions, VersionCodes
from monitoring.windows.regression_scores import numbers_and_intervals


@dataclass(frozen=True, slots=True)
class WindowLimits:
    """Bounds of a window's memory.

    Attributes:
        sample_rows: Rows that are kept with their values.
        open_ids: Ids of customers, predictions and shadow predictions that an open window keeps,
            10 bytes each.
        closed_ids: Predictions that a closed window keeps for their outcomes, 14 bytes each; 16
            of a numeric target.
    """

    sample_rows: int
    open_ids: int
    closed_ids: int


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A sampled customer with its prediction, if there is one. `id` is the hashed id."""

    id: int
    customer: CustomerRecord
    prediction: Prediction | None


@dataclass(frozen=True, slots=True)
class WindowCounts:
    """Distinct ids of a window: exact, or estimated from the ids that were kept.

    Estimates are consistent: `joined` is at most `rows` and at most `predictions`, and no count is
    negative.

    Attributes:
        rows: Customers.
        predictions: Predictions.
        joined: Customers with a prediction.
        duplicate_customers: Customer records that were not the first of their id.
        duplicate_predictions: Predictions that were not the first of their id.
        counted_ratio: Share of the ids by which duplicates and joins were counted; 1 means exact.
    """

    rows: int
    predictions: int
    joined: int
    duplicate_customers: int
    duplicate_predictions: int
    counted_ratio: float


@dataclass(frozen=True, slots=True)
class ClosedWindow:
    """A window that takes no more records.

    Attributes:
        invalid: Records that do not match the schema, by reason.
        first_offsets: By partition, the smallest offset of a record of this window.
        sample: A uniform sample of its customers; all of them if they are few.
        labels: Its predictions, which outcomes are still to be joined with.
        missing_partitions: Partitions whose records are missing, as an open transaction held them
            back.
        revision: How often late records have updated it.
        records: What it was made of, so that late records can be added; None if it takes none.
    """

    start: int
    end: int
    counts: WindowCounts
    invalid: dict[str, int]
    first_offsets: dict[TopicPartition, int]
    sample: Sequence[SampleRow]
    labels: LabelledWindow
    missing_partitions: Sequence[TopicPartition] = ()
    revision: int = 0
    records: "OpenWindow | None" = None


class WindowHeader(Struct, frozen=True):
    """A window's bounds, counts and offsets, as plain data that msgpack can hold.

    Attributes:
        revision: How often late records have updated it.
        records: Records by topic, duplicates included.
        invalid: Records that do not match the schema, by reason.
        last_offsets: By partition, the offset of the window's last record. Partitions are read in
            order: those of its records are in it that have at most this offset, and no others.
        missing_partitions: Partitions whose records are missing.
        id_limit: The largest hash of the ids that are kept.
        versions: The versions in the packed codes.
    """

    start: int
    end: int
    revision: int
    records: dict[str, int]
    invalid: dict[str, int]
    last_offsets: dict[TopicPartition, int]
    missing_partitions: list[TopicPartition]
    id_limit: int
    versions: list[str]


@dataclass(frozen=True, slots=True)
class WindowState:
    """All that a window keeps of its records, as plain data.

    Attributes:
        ids: Ids and codes of customers, predictions and shadow predictions, in order of arrival.
        customers: The sampled customers, by hash.
        predictions: The sampled predictions, by hash.
    """

    header: WindowHeader
    ids: Sequence[tuple[Hashes, PackedCodes]]
    customers: Mapping[int, CustomerRecord]
    predictions: Mapping[int, Prediction]


class OpenWindow:
    """Takes the records with `start <= event time < end`, ms. `merge` moves the end.

    Attributes:
        revision: How often late records have updated the window.
        first_offsets: By partition, the smallest offset of a record that was added.
        last_offsets: By partition, the largest offset of a record of the window.
        missing_partitions: Partitions whose records are missing.
    """

    def __init__(self, start: int, end: int, limits: WindowLimits, task: Task) -> None:
        self.start: Final = start
        self.end = end
        self.revision = 0
        self.first_offsets: Final[dict[TopicPartition, int]] = {}
        self.last_offsets: Final[dict[TopicPartition, int]] = {}
        self.missing_partitions: Final[set[TopicPartition]] = set()
        self._invalid: Counter[str] = Counter()
        self._limits = limits
        self._id_limit = MAX_HASH
        self._records = {"customers": 0, "predictions": 0}
        self._customers = IdColumn()
        self._predictions = IdColumn()
        self._shadow_predictions = IdColumn()
        self._numeric = task.numeric
        self._versions = VersionCodes(task)
        self._sampled_customers: HashSample[CustomerRecord] = HashSample(limits.sample_rows)
        self._sampled_predictions: HashSample[Prediction] = HashSample(limits.sample_rows)

    @classmethod
    def from_state(cls, state: WindowState, limits: WindowLimits, task: Task) -> "OpenWindow":
        """A window that has closed, for late records to be merged into it."""
        header = state.header
        window = cls(header.start, header.end, limits, task)
        window.revision = header.revision
        window.last_offsets.update(header.last_offsets)
        window.missing_partitions.update(header.missing_partitions)
        window._invalid.update(header.invalid)
        window._records.update(header.records)
        window._id_limit = np.uint64(header.id_limit)
        window._versions = VersionCodes(task, header.versions)
        for column, (ids, codes) in zip(window._columns, state.ids, strict=True):
            column.add_ids(ids, codes)
        window._sampled_customers = HashSample(limits.sample_rows, state.customers)
        window._sampled_predictions = HashSample(limits.sample_rows, state.predictions)
        return window

    def state(self) -> WindowState:
        """All that the window has, for `from_state`."""
        return WindowState(
            WindowHeader(
                start=self.start,
                end=self.end,
                revision=self.revision,
                records=self._records,
                invalid=self._invalid,
                last_offsets=self.last_offsets,
                missing_partitions=sorted(self.missing_partitions),
                id_limit=int(self._id_limit),
                versions=list(self._versions.versions),
            ),
            ids=[column.to_arrays() for column in self._columns],
            customers=self._sampled_customers.events_by_hash(),
            predictions=self._sampled_predictions.events_by_hash(),
        )

    @property
    def has_records(self) -> bool:
        """Whether it has any record beside shadow predictions."""
        return any(self._records.values()) or bool(self._invalid)

    def note_offset(self, partition: TopicPartition, offset: int) -> None:
        """Notes that a record of this partition and offset is in the window."""
        self.first_offsets[partition] = min(offset, self.first_offsets.get(partition, offset))
        self.last_offsets[partition] = max(offset, self.last_offsets.get(partition, offset))

    def add_customers(
        self, ids: Hashes, events: Sequence[CustomerRecord], indices: Integers
    ) -> None:
        """Adds `events[indices]`, whose hashed ids are `ids`, shape (n,)."""
        self._records["customers"] += len(ids)
        self._sampled_customers.add_events(ids, events, indices)
        self._add_ids(self._customers, ids, np.zeros(len(ids), np.uint16))

    def add_predictions(self, ids: Hashes, events: Sequence[Prediction], indices: Integers) -> None:
        """Adds `events[indices]`, whose hashed ids are `ids`, shape (n,)."""
        self._records["predictions"] += len(ids)
        self._sampled_predictions.add_events(ids, events, indices)
        self._add_ids(self._predictions, ids, self._versions.encode(events, indices))

    def add_shadow_predictions(
        self, ids: Hashes, events: Sequence[Prediction], indices: Integers
    ) -> None:
        """Adds `events[indices]` of the shadow model, whose hashed ids are `ids`, shape (n,)."""
        self._add_ids(self._shadow_predictions, ids, self._versions.encode(events, indices))

    def add_invalid(self, reason: str) -> None:
        """Counts a customer record that does not match the schema."""
        self._invalid[reason] += 1

    def __len__(self) -> int:
        """Distinct customers; not counted beyond the size of the sample."""
        return len(self._sampled_customers)

    def merge(self, later: "OpenWindow") -> None:
        """Takes the records of a later window, which this one is extended over, or of a late part.

        The records of this window come first where that matters.
        """
        self.end = later.end
        for offsets in (later.first_offsets, later.last_offsets):
            for partition, offset in offsets.items():
                self.note_offset(partition, offset)
        self.missing_partitions.update(later.missing_partitions)
        self._invalid += later._invalid
        for topic, records in later._records.items():
            self._records[topic] += records
        self._sampled_customers.merge(later._sampled_customers)
        self._sampled_predictions.merge(later._sampled_predictions)
        translation = self._versions.translation_from(later._versions)
        self._customers.merge(later._customers)
        self._predictions.merge(later._predictions, translation)
        self._shadow_predictions.merge(later._shadow_predictions, translation)
        self._id_limit = min(self._id_limit, later._id_limit)
        for column in self._columns:
            column.drop_above(self._id_limit)
        self._drop_ids_beyond_limit()

    def close(self) -> ClosedWindow:
        """Joins customers, predictions and shadow predictions."""
        customers, _ = self._customers.distinct_ids()
        ids, codes = self._predictions.distinct_ids()
        counts = self._counts(customers, ids)
        kept = ids <= _limit_of_smallest(ids, self._limits.closed_ids)
        predictions = self._sampled_predictions.events_by_hash()
        sample = [
            SampleRow(id_hash, customer, predictions.get(id_hash))
            for id_hash, customer in self._sampled_customers.events_by_hash().items()
        ]
        labels = LabelledWindow(
            self.start, self.end, ids[kept], *self._predicted(ids[kept], codes[kept], predictions)
        )
        return ClosedWindow(
            self.start,
            self.end,
            counts,
            dict(self._invalid),
            self.first_offsets,
            sample,
            labels,
            sorted(self.missing_partitions),
            self.revision,
            self,
        )

    def _predicted(
        self, ids: Hashes, codes: PackedCodes, sample: Mapping[int, Prediction]
    ) -> tuple[Labels, PairedPredictions | None]:
        """What `LabelledWindow` has of the predictions. No number is compared with a shadow's."""
        if self._numeric:
            return _sampled_numbers(ids, sample), None
        shadow = self._shadow_predictions.distinct_ids()
        paired = PairedPredictions.join(self._versions, (ids, codes), shadow)
        return self._versions.class_codes(codes), paired

    def _add_ids(self, column: IdColumn, ids: Hashes, codes: np.ndarray) -> None:
        kept = ids <= self._id_limit
        column.add_ids(ids[kept], codes[kept])
        self._drop_ids_beyond_limit()

    def _drop_ids_beyond_limit(self) -> None:
        while sum(map(len, self._columns)) > self._limits.open_ids:
            self._id_limit >>= np.uint64(1)
            for column in self._columns:
                column.drop_above(self._id_limit)

    @property
    def _columns(self) -> tuple[IdColumn, ...]:
        return self._customers, self._predictions, self._shadow_predictions

    def _counts(self, customers: Hashes, predictions: Hashes) -> WindowCounts:
        ratio = (int(self._id_limit) + 1) / (int(MAX_HASH) + 1)
        duplicates = round((len(self._customers) - len(customers)) / ratio)
        duplicates = min(duplicates, self._records["customers"] - len(customers))
        duplicate_predictions = round((len(self._predictions) - len(predictions)) / ratio)
        duplicate_predictions = min(
            duplicate_predictions, self._records["predictions"] - len(predictions)
        )
        rows = self._records["customers"] - duplicates
        predicted = self._records["predictions"] - duplicate_predictions
        joined = len(np.intersect1d(customers, predictions, assume_unique=True))
        return WindowCounts(
            rows=rows,
            predictions=predicted,
            joined=min(round(joined / ratio), rows, predicted),
            duplicate_customers=duplicates,
            duplicate_predictions=duplicate_predictions,
            counted_ratio=ratio,
        )


def _limit_of_smallest(ids: Hashes, count: int) -> np.uint64:
    """The largest of the `count` smallest of the ascending ids; `MAX_HASH` if they are fewer."""
    return MAX_HASH if len(ids) <= count else np.uint64(ids[count - 1])


def _sampled_numbers(ids: Hashes, sample: Mapping[int, Prediction]) -> Floats:
    """Number and ends of the interval of the first ids, shape (m, 3).

    Ids and sample ascend, and the sample has the smallest ids: all of its m, unless another size
    of the sample was set after the window had closed.
    """
    hashes = np.array([*sample], np.uint64)[: len(ids)]
    count = int(np.cumprod(hashes == ids[: len(hashes)]).sum())
    return numbers_and_intervals(sample.values())[:count]
